//! Why a key is not carried over.

use crate::xl::Kind;

/// Keys of fully virtualized guests, which mean nothing for others.
const HVM_ALONE: &[&str] = &[
    "acpi",
    "acpi_firmware",
    "acpi_laptop_slate",
    "acpi_s3",
    "acpi_s4",
    "altp2m",
    "altp2mhvm",
    "apic",
    "bios",
    "bios_path_override",
    "boot",
    "gfx_passthru",
    "hdtype",
    "hpet",
    "hvm_pirq",
    "mmio_hole",
    "ms_vm_genid",
    "nographic",
    "nx",
    "pae",
    "parallel",
    "rdm",
    "rdm_mem_boundary",
    "serial",
    "smbios",
    "smbios_firmware",
    "soundhw",
    "spice",
    "spice_clipboard_sharing",
    "spice_image_compression",
    "spice_streaming_video",
    "spiceagent_mouse",
    "spicedisable_ticketing",
    "spicehost",
    "spicepasswd",
    "spiceport",
    "spicetls_port",
    "spiceusbredirection",
    "spicevdagent",
    "stdvga",
    "usb",
    "usbdevice",
    "usbversion",
    "vendor_device",
    "vga",
    "videoram",
    "viridian",
    "vkb_device",
    "vpt_align",
    "xen_platform_pci",
    "device_model_args_hvm",
    "hap",
    "nestedhvm",
];

/// Keys that paravirtualized guests alone have.
const PV_ALONE: &[&str] = &[
    "bootloader",
    "bootloader_args",
    "e820_host",
    "device_model_args_pv",
];

/// Further keys of xl.cfg(5) that libvirt's XML has nothing for.
const DOCUMENTED: &[&str] = &[
    "bootloader_restrict",
    "bootloader_user",
    "cap",
    "cpuid",
    "cpus_soft",
    "device_model_stubdomain_override",
    "device_model_stubdomain_seclabel",
    "device_model_user",
    "device_tree",
    "dm_restrict",
    "driver_domain",
    "dtdev",
    "gic_version",
    "init_seclabel",
    "iomem",
    "ioports",
    "irqs",
    "llc_colors",
    "max_grant_version",
    "max_maptrack_frames",
    "mca_caps",
    "msr_relaxed",
    "nomigrate",
    "nr_spis",
    "oos",
    "p9",
    "pool",
    "pvcalls",
    "pvshim",
    "pvshim_cmdline",
    "pvshim_extra",
    "pvshim_path",
    "seclabel",
    "shadow_memory",
    "static_shm",
    "stubdomain_cmdline",
    "stubdomain_kernel",
    "stubdomain_memory",
    "stubdomain_ramdisk",
    "suppress_spurious_page_faults",
    "sve",
    "tee",
    "timer_mode",
    "trap_unmapped_accesses",
    "vdispl",
    "virtio",
    "vkb",
    "vmtrace_buf_kb",
    "vnuma",
    "vpmu",
    "vsnd",
    "vtpm",
    "vuart",
    "xend_suspend_evtchn_compat",
    "pci_msitranslate",
    "pci_power_mgmt",
    "opengl",
    "irq",
    "cpupool",
    "blkdev_start",
    "disable_migrate",
    "keymap",
    "display",
    "xauthority",
];

/// Why what stands under `key` is not carried over to a guest of that kind.
pub(super) fn reason(key: &str, kind: Kind) -> &'static str {
    match key {
        "vncconsole" | "vncviewer" | "spiceviewer" => {
            "This opens a viewer when xl starts the guest; Guesthouse opens one when asked."
        }
        "device_model" => {
            "xl does not follow this old key any more, and the host chooses the device model; a \
             program of your own is named by device_model_override."
        }
        "on_xend_start" | "on_xend_stop" => {
            "xend is no more; a guest that is to start with the host is set to do so in its settings."
        }
        "dhcp" | "ip" | "netmask" | "gateway" | "hostname" | "interface" | "nfs_server"
        | "nfs_root" => {
            "xm made words of the kernel's command line of this, and xl does not; add them to the \
             command line where the guest needs them."
        }
        "nics" | "vifs" => {
            "Interfaces that are only counted are not made by xl any more; add them to the guest."
        }
        "on_watchdog" | "on_soft_reset" => {
            "libvirt has no setting for this event, and the host does what is usual."
        }
        "root" | "extra" => "It is ignored, as by xl, because cmdline is given as well.",
        "spicehost"
        | "spiceport"
        | "spicetls_port"
        | "spicepasswd"
        | "spicedisable_ticketing"
        | "spiceagent_mouse"
        | "spicevdagent"
        | "spice_clipboard_sharing"
            if kind == Kind::Hvm =>
        {
            "The guest has no SPICE display: spice is not switched on."
        }
        _ if kind != Kind::Hvm && HVM_ALONE.contains(&key) => {
            "Only fully virtualized guests have this, and this guest is none."
        }
        _ if kind != Kind::Pv && PV_ALONE.contains(&key) => {
            "Only paravirtualized guests have this, and this guest is none."
        }
        _ if DOCUMENTED.contains(&key) || HVM_ALONE.contains(&key) || PV_ALONE.contains(&key) => {
            "libvirt has no setting for this with Xen; it is left out."
        }
        _ => "This key is not known; it is left out.",
    }
}
