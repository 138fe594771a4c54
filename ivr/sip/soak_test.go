package sip_test

import (
	"flag"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/internal/peer"
)

var soak = flag.Int("soak", 10_000, "how many calls TestSoak makes")

// Many calls, one after the other at twenty telephones, leave nothing behind: no goroutine, no port, no place, no
// memory.
func TestSoak(t *testing.T) {
	calls := *soak
	if testing.Short() {
		calls = min(calls, 500)
	}
	const phones = 20
	bubble(t, func(c *sip.Config) { c.Messages = 1_000_000 }, func(p *place) {
		var all []*phone
		for i := range phones {
			all = append(all, p.caller(fmt.Sprintf("198.51.100.%d", i+1)))
		}
		round := func(calls int) {
			var calling sync.WaitGroup
			for i, ph := range all {
				calling.Go(func() {
					for n := range calls / phones {
						m, err := ph.Do("INVITE", "", peer.Offer(ph.sound.At(), 101))
						assert.NoError(t, err)
						require.Equal(t, 200, m.Status(), m.Start)
						time.Sleep(time.Duration(n%7*100) * time.Millisecond)
						if (i+n)%2 == 0 {
							_, err = ph.Do("BYE", "", "")
						} else {
							_, err = ph.Do("INFO", "Content-Type: application/dtmf\r\n", "9")
							if err == nil {
								_, err = ph.Request()
							}
						}
						assert.NoError(t, err)
						ph.Forget()
					}
				})
			}
			calling.Wait()
			time.Sleep(2 * time.Minute)
			synctest.Wait()
			p.handler.mu.Lock()
			p.handler.got = nil
			p.handler.mu.Unlock()
			p.mu.Lock()
			p.reports = nil
			p.log.Reset()
			p.mu.Unlock()
		}
		kept := func() (goroutines, sockets, memory int) {
			runtime.GC()
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			return runtime.NumGoroutine(), p.network.Open(), int(m.HeapAlloc)
		}
		round(10 * phones)
		goroutines, sockets, memory := kept()
		round(calls)
		g, s, m := kept()
		assert.LessOrEqual(t, g, goroutines)
		assert.Equal(t, sockets, s)
		assert.Zero(t, p.server.Calls()+p.server.Taken())
		assert.Less(t, m-memory, 1<<20, "bytes")
		for _, ph := range all {
			ph.leave()
		}
	})
}
