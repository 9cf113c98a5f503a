# Prepares the namespaces of one test and runs it. The shell is process 1 in there and reaps what
# its daemons leave: without that, destroying a guest takes 40 s.
set -eu

mount -t tmpfs none /run
mkdir -p -m 700 /run/home /run/user
mkdir -p /run/libvirt /run/lock

# Fresh state for libvirt, and its configuration: nothing that the machine's own has.
for folder in /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
    if [ -d "$folder" ]; then mount -t tmpfs -o mode=755 none "$folder"; fi
done
if [ -d /etc/libvirt ]; then
    mkdir -p /run/etc-libvirt/qemu/networks/autostart /run/etc-libvirt/storage/autostart
    cat >/run/etc-libvirt/libvirtd.conf <<'CONF'
auth_unix_ro = "none"
auth_unix_rw = "none"
unix_sock_rw_perms = "0777"
CONF
    # stdio_handler: there is no virtlogd. namespaces: masking /dev/kvm below needs it.
    # remember_owner: its attributes need more rights than a user namespace has.
    cat >/run/etc-libvirt/qemu.conf <<'CONF'
stdio_handler = "file"
namespaces = [ ]
cgroup_controllers = [ ]
security_driver = "none"
user = "root"
group = "root"
dynamic_ownership = 0
remember_owner = 0
CONF
    # Defined and not started, as Debian leaves it.
    network=/usr/share/libvirt/networks/default.xml
    if [ -e "$network" ]; then cp "$network" /run/etc-libvirt/qemu/networks/default.xml; fi
    mount --bind /run/etc-libvirt /etc/libvirt
    mkdir -p /var/lib/libvirt/images /var/lib/libvirt/boot /var/lib/libvirt/qemu
fi

# A /dev/kvm may open and yet not work (nested hosts), and the tests must not depend on it.
# A read-only regular file, because libvirt probes again and again where it is /dev/null.
if [ -e /dev/kvm ]; then
    : >/run/no-kvm
    mount --bind /run/no-kvm /dev/kvm
    mount -o remount,bind,ro /dev/kvm
fi

# X servers of different tests must not see each other's sockets.
mkdir -p /tmp/.X11-unix
mount -t tmpfs -o mode=1777 none /tmp/.X11-unix

# The network cards in here are those of this network.
mount -t sysfs sysfs /sys
ip link set lo up
set +e
"$@"
exit $?
