//go:build !unix

package cputime

import (
	"runtime"
	"time"
)

var start = time.Now()

// Used is an estimate where the system is not asked: as if all processors had been busy.
func Used() time.Duration { return time.Since(start) * time.Duration(runtime.GOMAXPROCS(0)) }
