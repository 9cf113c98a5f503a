# Two commands matter: `make run` and `make test`. Both install what is missing first.

CARGO ?= cargo
PREFIX ?= /usr/local
DESTDIR ?=

.PHONY: run test test-xen check bench build install uninstall flatpak

run:
	scripts/setup-system run
	$(CARGO) build --release --bin guesthouse
	scripts/run

test:
	scripts/setup-system test
	scripts/fetch-testbed
	$(MAKE) check
	$(CARGO) build --bin guesthouse
	$(CARGO) test --workspace

check:
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --workspace --no-deps --quiet
	scripts/check-dependencies
	scripts/check-data

test-xen:
	scripts/setup-system test-xen
	scripts/fetch-testbed
	$(CARGO) build --bin guesthouse
	$(CARGO) test --package integration --test xen --no-run
	tests/xen/run $(CARGO) test --package integration --test xen

# All of it, or PART=decode, list, stalled, replay, latency or memory. The recordings are made once, into
# build/recordings.
PART ?=

bench:
	scripts/setup-system bench
	$(CARGO) build --release --bin guesthouse
	$(CARGO) build --release --package integration --bin measure --example empty-window --example scene
ifneq ($(filter-out list stalled latency,$(or $(PART),all)),)
	$${CARGO_TARGET_DIR:-target}/release/measure record
endif
ifneq ($(filter decode all,$(or $(PART),all)),)
	$(CARGO) bench --package rfb --bench replay -- $(CURDIR)/build/recordings
endif
ifneq ($(filter-out decode,$(or $(PART),all)),)
	$${CARGO_TARGET_DIR:-target}/release/measure $(PART)
endif

build:
	$(CARGO) build --release --bin guesthouse

install: build
	scripts/install '$(DESTDIR)$(PREFIX)'

uninstall:
	scripts/install --remove '$(DESTDIR)$(PREFIX)'

flatpak:
	flatpak-builder --user --install --force-clean build/flatpak flatpak/io.github.guesthouse.Guesthouse.json
