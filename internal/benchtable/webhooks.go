package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dialpay/dialpay/internal/bench"
	"github.com/dialpay/dialpay/ivr/twiml"
)

const (
	// webhooksLimit is how many webhooks, which are turns, two cores are to serve in a second.
	webhooksLimit = 5000
	// webhookWait is how long a webhook may take at half of that rate, in all but one of a hundred cases.
	webhookWait = 20 * time.Millisecond
	// callers are the calls at once.
	callers = 64
)

// webhookRows make calls that pay, over HTTP, at a server in a process of its own: it has the memory store, checks
// signatures, and is told by its processor time what a webhook costs, whatever else the machine does.
func webhookRows() []bench.Row {
	s := startServer()
	defer s.stop()
	load := &webhookLoad{server: s, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}}
	load.run(300, 0) // connections, pools
	before := s.used()
	served := load.run(4000, 0)
	cost := (s.used() - before).Seconds() / float64(len(served))
	pings := load.ping(webhooksLimit / 20)
	paced := load.run(3000, webhooksLimit/2)
	p99, control := percentile(paced, 99), percentile(pings(), 99)
	late := bench.Row{What: fmt.Sprintf("at %d webhooks a second, ms at most for 99 of 100 of them (load on the same machine)",
		webhooksLimit/2), Measured: ms(p99), Limit: ms(webhookWait), Broken: p99 > webhookWait}
	if late.Broken && control > webhookWait/2 {
		late.What, late.Limit, late.Broken = late.What+"; the machine is too busy to tell", "", false
	}
	return []bench.Row{
		bench.AtLeast(fmt.Sprintf("webhooks a second on two cores, each a turn (by processor time of the server, %d webhooks)",
			len(served)), int(2/cost), webhooksLimit),
		late,
		{What: "the same for half of them", Measured: ms(percentile(paced, 50))},
		{What: "for 99 of 100 requests at the same time that do nothing", Measured: ms(control)},
	}
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/1e6) }

func percentile(took []time.Duration, n int) time.Duration {
	slices.Sort(took)
	return took[len(took)*n/100]
}

// server is the process that serves the calls.
type server struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	url string
}

func startServer() *server {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), webhookServer+"=1", "GOMAXPROCS=2")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	bench.Must(err)
	out, err := cmd.StdoutPipe()
	bench.Must(err)
	bench.Must(cmd.Start())
	s := &server{cmd: cmd, in: in, out: bufio.NewScanner(out)}
	s.url = s.line()
	return s
}

func (s *server) line() string {
	if !s.out.Scan() {
		bench.Must(errors.New("the server with the calls has ended"))
	}
	return s.out.Text()
}

// used asks for the processor time of the server.
func (s *server) used() time.Duration {
	_, err := fmt.Fprintln(s.in)
	bench.Must(err)
	n, err := strconv.ParseInt(s.line(), 10, 64)
	bench.Must(err)
	return time.Duration(n)
}

func (s *server) stop() {
	bench.Must(s.in.Close())
	bench.Must(s.cmd.Wait())
}

// webhookLoad is the provider: it makes calls, many at once.
type webhookLoad struct {
	server *server
	client *http.Client
	calls  atomic.Int64 // in all runs
}

// run makes calls, at a rate of webhooks a second or, with 0, as fast as it goes. It returns how long each webhook
// took: from when it was due, so that one that is late because of an earlier one counts as slow.
func (l *webhookLoad) run(calls int, rate float64) (took []time.Duration) {
	var mu sync.Mutex
	var group sync.WaitGroup
	var next, sent atomic.Int64
	start := time.Now()
	due := func() time.Time {
		if rate == 0 {
			return time.Now()
		}
		at := start.Add(time.Duration(float64(sent.Add(1)) / rate * 1e9))
		time.Sleep(time.Until(at))
		return at
	}
	for range callers {
		group.Go(func() {
			var mine []time.Duration
			for next.Add(1) <= int64(calls) {
				mine = append(mine, l.call(int(l.calls.Add(1)), due)...)
			}
			mu.Lock()
			defer mu.Unlock()
			took = append(took, mine...)
		})
	}
	group.Wait()
	return took
}

// ping sends requests that do nothing, so many a second, until it is asked how long they took.
func (l *webhookLoad) ping(rate float64) (took func() []time.Duration) {
	var all []time.Duration
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for next := time.Now(); ; next = next.Add(time.Duration(1e9 / rate)) {
			select {
			case <-stop:
				return
			case <-time.After(time.Until(next)):
			}
			w, err := l.client.Get(l.server.url + "/ping")
			bench.Must(err)
			bench.Must(w.Body.Close())
			all = append(all, time.Since(next))
		}
	}()
	return func() []time.Duration {
		close(stop)
		<-done
		return all
	}
}

// answers are those to the questions of a call that pays with a saved card.
var answers = []string{"1234", "1", "1", "1", "1", "1"}

var (
	gathers   = regexp.MustCompile(`<Gather action="([^"]+)"`)
	redirects = regexp.MustCompile(`<Redirect method="POST">([^<]+)<`)
)

// call is one whole call.
func (l *webhookLoad) call(n int, due func() time.Time) (took []time.Duration) {
	form := url.Values{"CallSid": {fmt.Sprintf("CA%032d", n)}, "AccountSid": {"AC00000000000000000000000000000000"},
		"From": {phoneOf(n % customers)}, "To": {"+12125550199"}, "Direction": {"inbound"}, "CallStatus": {"in-progress"},
		"ApiVersion": {"2010-04-01"}, "StirVerstat": {"TN-Validation-Passed-A"}, "FromCountry": {"US"}, "ToCountry": {"US"}}
	at, asked := webhookBase, 0
	for {
		when := due()
		reply := l.post(at, form)
		took = append(took, time.Since(when))
		form.Del("Digits")
		switch {
		case strings.Contains(reply, "<Hangup/>"):
			if asked != len(answers) {
				bench.Must(fmt.Errorf("call %d ended after %d answers: %s", n, asked, reply))
			}
			form.Set("CallStatus", "completed")
			when := due()
			l.post(webhookBase+"/status", form)
			return append(took, time.Since(when))
		case gathers.MatchString(reply) && asked < len(answers):
			at = gathers.FindStringSubmatch(reply)[1]
			form.Set("Digits", answers[asked])
			asked++
		case redirects.MatchString(reply):
			at = redirects.FindStringSubmatch(reply)[1]
		default:
			bench.Must(fmt.Errorf("call %d, after %d answers: %s", n, asked, reply))
		}
	}
}

func (l *webhookLoad) post(at string, form url.Values) string {
	at = strings.ReplaceAll(at, "&amp;", "&")
	r, err := http.NewRequest(http.MethodPost, l.server.url+strings.TrimPrefix(at, webhookBase), strings.NewReader(form.Encode()))
	bench.Must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("X-Twilio-Signature", twiml.Sign(webhookToken, at, form))
	w, err := l.client.Do(r)
	bench.Must(err)
	defer w.Body.Close()
	var body bytes.Buffer
	_, err = body.ReadFrom(w.Body)
	bench.Must(err)
	if w.StatusCode/100 != 2 {
		bench.Must(fmt.Errorf("%s: %d %s", at, w.StatusCode, &body))
	}
	return body.String()
}
