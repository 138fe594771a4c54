//go:build unix

// Package cputime tells how much processor time this process has used: figures by it do not depend on what else the
// machine does.
package cputime

import (
	"syscall"
	"time"
)

// Used is the processor time of all threads so far, in user and system mode.
func Used() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
