//! Tries /dev/kvm for real: a virtual machine of one page that adds two numbers, stores the sum and
//! halts.
//!
//! A device that opens is not yet one that works: nested and restricted hosts offer devices whose
//! machines cannot be made, never halt, or compute nothing.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd, RawFd};
use std::ptr::NonNull;
use std::time::Duration;

/// What the trial showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trial {
    /// The machine did what it should.
    Works,
    /// There is no such device.
    Absent,
    /// This user may not open it; others may.
    NotPermitted,
    /// It does not work, with what failed.
    Broken(String),
}

/// The requests of the kernel's `linux/kvm.h` that are needed, and the sizes of what they carry.
mod request {
    pub(super) const GET_API_VERSION: libc::c_ulong = 0xae00;
    pub(super) const CREATE_VM: libc::c_ulong = 0xae01;
    pub(super) const GET_VCPU_MMAP_SIZE: libc::c_ulong = 0xae04;
    pub(super) const CREATE_VCPU: libc::c_ulong = 0xae41;
    pub(super) const SET_USER_MEMORY_REGION: libc::c_ulong = 0x4020_ae46;
    pub(super) const RUN: libc::c_ulong = 0xae80;
    pub(super) const SET_REGS: libc::c_ulong = 0x4090_ae82;
    pub(super) const GET_SREGS: libc::c_ulong = 0x8138_ae83;
    pub(super) const SET_SREGS: libc::c_ulong = 0x4138_ae84;
    pub(super) const SET_SIGNAL_MASK: libc::c_ulong = 0x4004_ae8b;
}

/// The only version of the interface since 2007.
const API_VERSION: libc::c_int = 12;
/// Where `struct kvm_run` says why the processor stopped, and that it was a halt.
const EXIT_REASON: usize = 8;
const EXIT_HLT: u32 = 5;
const PAGE: usize = 4096;

/// Where the page is in the machine's memory, and where in the page the sum is stored.
const GUEST_ADDRESS: u64 = 0x1000;
const SUM_OFFSET: usize = 0x800;

/// How often the machine goes round before it halts. A processor does that in milliseconds; a
/// device that only interprets its machines needs seconds.
const ROUNDS: u32 = 5_000_000;

/// Real-mode code: `mov ecx,ROUNDS; again: dec ecx; jnz again; mov ax,40; add ax,2;
/// mov [1800h],ax; hlt`.
const CODE: [u8; 20] = {
    let [r0, r1, r2, r3] = ROUNDS.to_le_bytes();
    [
        0x66, 0xb9, r0, r1, r2, r3, 0x66, 0x49, 0x75, 0xfc, 0xb8, 40, 0, 0x83, 0xc0, 2, 0xa3, 0x00,
        0x18, 0xf4,
    ]
};
const SUM: u16 = 42;

/// `struct kvm_userspace_memory_region`.
#[repr(C)]
struct MemoryRegion {
    slot: u32,
    flags: u32,
    guest_phys_addr: u64,
    memory_size: u64,
    userspace_addr: u64,
}

/// `struct kvm_signal_mask` with the kernel's eight bytes of signals behind it.
#[repr(C)]
struct SignalMask {
    len: u32,
    blocked: [u8; 8],
}

/// Memory of this process mapped for as long as this lives.
struct Mapping {
    address: NonNull<u8>,
    length: usize,
}

impl Mapping {
    /// Maps `length` bytes of `fd`, or of nothing, zeroed.
    fn new(fd: Option<RawFd>, length: usize) -> io::Result<Self> {
        let flags = match fd {
            Some(_) => libc::MAP_SHARED,
            None => libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
        };
        // SAFETY: a new mapping where the kernel finds room touches nothing of ours.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                length,
                libc::PROT_READ | libc::PROT_WRITE,
                flags,
                fd.unwrap_or(-1),
                0,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let address = NonNull::new(address.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Self { address, length })
    }

    fn write(&self, offset: usize, bytes: &[u8]) {
        assert!(offset + bytes.len() <= self.length);
        // SAFETY: within the mapping, as asserted, which cannot overlap a slice of Rust's.
        unsafe {
            let target = self.address.as_ptr().add(offset);
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), target, bytes.len());
        }
    }

    fn read<const N: usize>(&self, offset: usize) -> [u8; N] {
        assert!(offset + N <= self.length);
        // SAFETY: within the mapping, as asserted; bytes have no alignment. Volatile, because the
        // machine or the kernel has written there since.
        unsafe {
            self.address
                .as_ptr()
                .add(offset)
                .cast::<[u8; N]>()
                .read_volatile()
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping made in `new`, unmapped once. The machine that may use it is closed
        // before, by the order of the variables that own them.
        unsafe { libc::munmap(self.address.as_ptr().cast(), self.length) };
    }
}

/// Signals this thread after a while, unless dropped before.
struct Alarm(libc::timer_t);

impl Alarm {
    fn after(delay: Duration, signal: libc::c_int) -> io::Result<Self> {
        // SAFETY: a struct of plain numbers for which all zeros is a value.
        let mut event: libc::sigevent = unsafe { std::mem::zeroed() };
        event.sigev_notify = libc::SIGEV_THREAD_ID;
        event.sigev_signo = signal;
        // SAFETY: takes nothing and cannot fail.
        event.sigev_notify_thread_id = unsafe { libc::gettid() };
        let mut timer = std::ptr::null_mut();
        // SAFETY: both places are valid during the call.
        let made =
            unsafe { libc::timer_create(libc::CLOCK_MONOTONIC, &raw mut event, &raw mut timer) };
        if made < 0 {
            return Err(io::Error::last_os_error());
        }
        let alarm = Self(timer);
        let once = libc::itimerspec {
            it_interval: libc::timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: libc::timespec {
                tv_sec: delay.as_secs() as libc::time_t,
                tv_nsec: libc::c_long::from(delay.subsec_nanos() as i32),
            },
        };
        // SAFETY: the timer made above and a valid setting; the old one is not wanted.
        let set = unsafe { libc::timer_settime(timer, 0, &raw const once, std::ptr::null_mut()) };
        if set < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(alarm)
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        // SAFETY: the timer made in `after`, deleted once.
        unsafe { libc::timer_delete(self.0) };
    }
}

/// Tries the device, with at most `limit` for the machine to halt. To be called on a thread that
/// ends afterwards: a signal may be left pending on it.
pub(crate) fn attempt(limit: Duration) -> Trial {
    let kvm = match File::options().read(true).write(true).open("/dev/kvm") {
        Ok(kvm) => kvm,
        Err(error) => {
            return match error.kind() {
                io::ErrorKind::NotFound => Trial::Absent,
                io::ErrorKind::PermissionDenied => Trial::NotPermitted,
                _ => Trial::Broken(format!("it cannot be opened: {error}")),
            };
        }
    };
    match run_machine(&kvm, limit) {
        Ok(()) => Trial::Works,
        Err(reason) => Trial::Broken(reason),
    }
}

fn run_machine(kvm: &File, limit: Duration) -> Result<(), String> {
    let failed = |what: &'static str| move |error: io::Error| format!("{what}: {error}");
    let version = control(kvm, request::GET_API_VERSION, 0).map_err(failed("no answer"))?;
    if version != API_VERSION {
        return Err(format!("its interface has version {version}"));
    }
    let memory = Mapping::new(None, PAGE).map_err(failed("no memory"))?;
    memory.write(0, &CODE);
    let machine = open(kvm, request::CREATE_VM).map_err(failed("no machine can be made"))?;
    let region = MemoryRegion {
        slot: 0,
        flags: 0,
        guest_phys_addr: GUEST_ADDRESS,
        memory_size: PAGE as u64,
        userspace_addr: memory.address.as_ptr() as u64,
    };
    hand(&machine, request::SET_USER_MEMORY_REGION, &region)
        .map_err(failed("the machine takes no memory"))?;
    let processor =
        open(&machine, request::CREATE_VCPU).map_err(failed("no processor can be made"))?;
    let length = control(kvm, request::GET_VCPU_MMAP_SIZE, 0).map_err(failed("no answer"))?;
    let length = usize::try_from(length).unwrap_or(0).max(PAGE);
    let status = Mapping::new(Some(processor.as_raw_fd()), length)
        .map_err(failed("the processor's state cannot be read"))?;
    set_registers(&processor).map_err(failed("the processor cannot be set up"))?;

    let signal = libc::SIGRTMIN();
    block_but_in_machine(&processor, signal).map_err(failed("the machine cannot be timed"))?;
    let alarm = Alarm::after(limit, signal).map_err(failed("the machine cannot be timed"))?;
    let ran = control(&processor, request::RUN, 0);
    drop(alarm);
    match ran {
        Err(error) if error.kind() == io::ErrorKind::Interrupted => {
            return Err(
                "a machine in it does not finish in time, as if it were only interpreted".into(),
            );
        }
        Err(error) => return Err(format!("a machine in it does not run: {error}")),
        Ok(_) => {}
    }
    let reason = u32::from_ne_bytes(status.read(EXIT_REASON));
    if reason != EXIT_HLT {
        return Err(format!("a machine in it stops for reason {reason}"));
    }
    if u16::from_le_bytes(memory.read(SUM_OFFSET)) != SUM {
        return Err("a machine in it does not compute".into());
    }
    Ok(())
}

/// Real mode at the beginning of the page.
fn set_registers(processor: &OwnedFd) -> io::Result<()> {
    /// `struct kvm_sregs` begins with the code segment: eight bytes of base, four of limit, two of
    /// selector.
    type SpecialRegisters = [u64; 39];
    const SELECTOR: u64 = 0xffff << 32;
    /// `struct kvm_regs`: sixteen general registers, then these.
    type Registers = [u64; 18];
    const RIP: usize = 16;
    const RFLAGS: usize = 17;
    const RFLAGS_RESERVED: u64 = 2;

    let mut special: SpecialRegisters = [0; 39];
    // SAFETY: the request writes a `struct kvm_sregs` of exactly this size.
    check(unsafe {
        libc::ioctl(
            processor.as_raw_fd(),
            request::GET_SREGS,
            special.as_mut_ptr(),
        )
    })?;
    special[0] = 0;
    special[1] &= !SELECTOR;
    hand(processor, request::SET_SREGS, &special)?;
    let mut registers: Registers = [0; 18];
    registers[RIP] = GUEST_ADDRESS;
    registers[RFLAGS] = RFLAGS_RESERVED;
    hand(processor, request::SET_REGS, &registers)
}

/// Blocks `signal` in this thread except while the machine runs. It then ends the run and stays
/// pending, without a handler, which would be the whole process's.
fn block_but_in_machine(processor: &OwnedFd, signal: libc::c_int) -> io::Result<()> {
    // SAFETY: a set is plain memory that `sigemptyset` makes valid before it is used; the signal
    // is one of the real-time signals.
    let blocked = unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        libc::sigaddset(&raw mut set, signal);
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut())
    };
    if blocked != 0 {
        return Err(io::Error::from_raw_os_error(blocked));
    }
    let all_but_signal = !(1u64 << (signal - 1));
    let mask = SignalMask {
        len: 8,
        blocked: all_but_signal.to_ne_bytes(),
    };
    hand(processor, request::SET_SIGNAL_MASK, &mask)
}

fn check(result: libc::c_int) -> io::Result<libc::c_int> {
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(result)
}

/// A request that carries a number.
fn control(
    fd: &impl std::os::fd::AsRawFd,
    request: libc::c_ulong,
    number: libc::c_ulong,
) -> io::Result<libc::c_int> {
    // SAFETY: only used for requests whose argument is a number.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), request, number) })
}

/// A request that reads a struct of ours.
fn hand<T>(fd: &OwnedFd, request: libc::c_ulong, value: &T) -> io::Result<()> {
    // SAFETY: only used for requests that read a struct of the type given with them, valid while
    // borrowed.
    check(unsafe { libc::ioctl(fd.as_raw_fd(), request, std::ptr::from_ref(value)) }).map(drop)
}

/// A request that opens a descriptor.
fn open(fd: &impl std::os::fd::AsRawFd, request: libc::c_ulong) -> io::Result<OwnedFd> {
    let opened = control(fd, request, 0)?;
    // SAFETY: the kernel opened it for us alone just now.
    Ok(unsafe { OwnedFd::from_raw_fd(opened) })
}
