# Makes the namespaces of a remote host and stays, so that daemons may come and go in them: mounts of
# its own over the sandbox's, and a network with one cable, whose other end is the sandbox's.
set -eu
for folder in /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
    mount -t tmpfs -o mode=755 none "$folder"
done
mkdir -p "$1/libvirt" /var/lib/libvirt/images /var/lib/libvirt/qemu
cp /etc/libvirt/qemu.conf "$1/libvirt"
cat >"$1/libvirt/libvirtd.conf" <<'CONF'
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
CONF
mount --bind "$1/libvirt" /etc/libvirt
mount -t sysfs sysfs /sys
ip link set lo up
echo ready
exec sleep infinity
