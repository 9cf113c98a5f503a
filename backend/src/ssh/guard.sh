# Keeps one ssh master, and ends it with the program: standard input is a pipe that the program holds
# and that closes however the program ends. $1 is a private folder, removed at the end; the rest is the
# master's command line.
folder=$1
shift
umask 077
# Ctrl+C in a terminal is for the program, which may still have something to undo through this.
trap '' INT QUIT HUP

# What libvirt, and everything else for that host, starts instead of ssh. Without the master there is
# no connection: another login must not happen unseen.
cat >"$folder/ssh" <<'SCRIPT'
#!/bin/sh
# In a session of its own the terminal's Ctrl+C does not reach it.
if command -v setsid >/dev/null; then away=setsid; else away=; fi
exec $away ssh -S "${0%/*}/master" -o ControlMaster=no -o ProxyCommand=false -o BatchMode=yes "$@"
SCRIPT
chmod 700 "$folder/ssh"

exec 3<&0 </dev/null
"$@" 3<&- &
master=$!
trap 'kill "$master"' TERM
# The program may be gone that reads this, and a shell dies of a word that nobody reads.
exec 2>/dev/null
{
    trap - TERM
    read -r _ <&3
    kill "$master"
} &
watch=$!
exec 3<&-
wait "$master"
status=$?
kill "$watch"
# A signal ends a wait early; where it was ssh that ended, there is nothing to wait for.
wait "$master"
rm -rf -- "$folder"
exit "$status"
