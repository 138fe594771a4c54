// Benchtable measures payment calls over SIP, and prints one table. It exits with 1 when a promise is broken.
//
// The callers are in a process of their own, on the same machine: what they measure includes what they and the kernel
// add. -calls says how many there are at once, at most.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/company"
)

func main() {
	calls := flag.Int("calls", 500, "how many payment calls at once")
	load := flag.String("load", "", "be the callers of the server at this `address`")
	flag.Parse()
	if *load != "" {
		bench.Must(json.NewEncoder(os.Stdout).Encode(callAll(*load, *calls)))
		return
	}
	var rows []bench.Row
	few, many := measure(10), measure(*calls)
	perCall := func(r result) float64 { return r.system.Seconds() / r.length.Seconds() / float64(r.calls) }
	on := fmt.Sprintf(" of %d payment calls at once", many.calls)
	rows = append(rows,
		bench.Count("calls"+on+" that did not pay once", many.unpaid, 0),
		percent("packets"+on+" sent within 5 ms of their time, %", many.OnTime, 99),
		bench.Count("of a thousand packets, the latest but one, ms late", int(math.Ceil(many.Late999)), 40),
		bench.Count("memory a call, KiB", many.memory/1024, 64),
		bench.Ratio(fmt.Sprintf("processor time a call, %d calls against %d", many.calls, few.calls),
			perCall(many)/perCall(few), 1.5),
		bench.Row{What: "the callers read them, the latest of a thousand but one, ms after they came",
			Measured: fmt.Sprintf("%.0f", many.Read999)},
		bench.Row{What: "processor time of the server, % of one core", Measured: fmt.Sprintf("%.0f",
			100*many.system.Seconds()/many.length.Seconds())},
		bench.Row{What: "processor time of the callers, % of one core", Measured: fmt.Sprintf("%.0f",
			100*many.Processor.Seconds()/many.length.Seconds())},
	)
	bench.Print(rows)
}

func percent(what string, value, least float64) bench.Row {
	return bench.Row{What: what, Measured: fmt.Sprintf("%.2f", value), Limit: fmt.Sprintf(">= %.0f", least),
		Broken: value < least}
}

// result is what came of calls at once.
type result struct {
	report
	calls, unpaid, memory int
	system, length        time.Duration
}

// measure has so many callers pay, all at once.
func measure(calls int) result {
	c, err := company.New(calls)
	bench.Must(err)
	server, err := sip.New(sip.Config{Handler: c.Engine, Addr: "127.0.0.1:0", Most: calls, Messages: 1_000_000,
		FirstPort: 20000, LastPort: 29999,
		Say: say, Log: slog.New(slog.DiscardHandler), Drain: time.Minute})
	bench.Must(err)
	l, err := server.Listen()
	bench.Must(err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- server.Serve(ctx, l) }()
	before := memory()
	r := result{calls: calls}
	used, begun := processor(), time.Now()
	cmd := exec.Command(os.Args[0], "-load", l.UDP.LocalAddr().String(), "-calls", fmt.Sprint(calls))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	bench.Must(err)
	bench.Must(cmd.Start())
	for server.Calls() < calls && time.Since(begun) < time.Minute {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(2 * time.Second)
	r.memory = (memory() - before) / calls
	bench.Must(json.NewDecoder(out).Decode(&r.report))
	bench.Must(cmd.Wait())
	r.system, r.length = processor()-used, time.Since(begun)
	if err := errors.Join(r.failure(), c.Paid(calls)); err != nil {
		r.unpaid = max(1, r.Failed)
		fmt.Fprintln(os.Stderr, err)
	}
	stop()
	bench.Must(<-served)
	return r
}

// say hums for two seconds at each prompt.
func say(t *ivr.Turn) sip.Audio { return &hum{left: min(len(t.Prompts), 3) * 2 * 8000} }

type hum struct{ left int }

func (h *hum) Read(pcm []int16) (int, error) {
	n := min(len(pcm), h.left)
	for i := range n {
		pcm[i] = int16(i * 100)
	}
	if h.left -= n; h.left == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (h *hum) Err() error { return nil }

// memory is what the process keeps: heap and stacks.
func memory() int {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc + m.StackInuse)
}

// processor is the processor time that the process has used.
func processor() time.Duration {
	var u syscall.Rusage
	bench.Must(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
