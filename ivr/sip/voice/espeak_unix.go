//go:build unix

package voice

import "syscall"

// yield has a process wait for what is more urgent: the packets of the calls that are being spoken to.
func yield(pid int) { _ = syscall.Setpriority(syscall.PRIO_PROCESS, pid, 10) }
