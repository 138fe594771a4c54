// Phone is a company that can be called: a customer hears their bill and pays it with pretend money, on any telephone
// that speaks SIP.
//
//	go run ./examples/phone                 prints the address to call
//	go run ./examples/phone -record calls   keeps the sound of each call, without keys
//
// The company is made up in world.go: that is the part to replace by your own.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
	"github.com/dialpay/dialpay/ivr/sip/voice"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
	case err != nil:
		fmt.Fprintln(os.Stderr, "phone:", err)
		os.Exit(1)
	}
}

// usual is where SIP is listened for (RFC 3261, 19.1.2).
const usual = ":5060"

// options are what the flags say.
type options struct {
	addr, public, record, recordings, trust, agent string
	most                                           int
}

func parse(args []string, errs io.Writer) (o options, err error) {
	f := flag.NewFlagSet("phone", flag.ContinueOnError)
	f.SetOutput(errs)
	f.StringVar(&o.addr, "addr", usual, "the `address` to listen at, by UDP and TCP")
	f.StringVar(&o.public, "public", "", "the IP `address` that callers reach, where it is behind a NAT")
	f.StringVar(&o.record, "record", "", "keep the sound of each call in this `folder`, without keys")
	f.StringVar(&o.recordings, "recordings", "", "play prompts from WAV files in this `folder`, named by their keys")
	f.StringVar(&o.trust, "trust", "",
		"believe the caller's number if a peer in this `network` tells it, such as 198.51.100.0/24")
	f.StringVar(&o.agent, "agent", "", "the SIP `address` of a person, for callers who ask for one")
	f.IntVar(&o.most, "most", 100, "how many calls there can be at once")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("%q is no flag: leave it out; -help lists them", f.Arg(0))
	}
	if o.agent != "" && !strings.HasPrefix(o.agent, "sip:") && !strings.HasPrefix(o.agent, "sips:") {
		return o, fmt.Errorf("-agent %q is no SIP address: give one such as sip:desk@192.168.1.9", o.agent)
	}
	if o.most < 1 {
		return o, fmt.Errorf("-most %d: give at least 1", o.most)
	}
	return o, nil
}

// run is the program without the process around it.
func run(ctx context.Context, args []string, out, errs io.Writer) error {
	o, err := parse(args, errs)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(errs, &slog.HandlerOptions{Level: slog.LevelWarn}))
	screen := &screen{out: out}
	w, err := newWorld(screen, log, o.agent != "")
	if err != nil {
		return err
	}
	v, err := speech(w.engine.Catalog(), o.recordings, log)
	if err != nil {
		return err
	}
	cfg := sip.Config{Handler: w.engine, Addr: o.addr, Most: o.most, Observe: screen.report, Log: log,
		Drain:    2 * time.Minute,
		Say:      func(t *ivr.Turn) sip.Audio { return v.Say(t.Locale, t.Slow, t.Prompts...) },
		Transfer: func(string) (string, bool) { return o.agent, o.agent != "" }}
	if err := o.fill(&cfg); err != nil {
		return err
	}
	server, l, err := listen(cfg)
	if err != nil {
		return err
	}
	go warm(ctx, v, log)
	go w.sweep(ctx, log)
	screen.print(introduction(l.UDP.LocalAddr().(*net.UDPAddr), o))
	return server.Serve(ctx, l)
}

// listen takes the address that was asked for; where the usual one is in use, as by another telephone program, any
// other.
func listen(cfg sip.Config) (*sip.Server, sip.Listeners, error) {
	for {
		server, err := sip.New(cfg)
		if err != nil {
			return nil, sip.Listeners{}, err
		}
		l, err := server.Listen()
		if cfg.Addr == usual && errors.Is(err, syscall.EADDRINUSE) {
			cfg.Addr = ":0"
			continue
		}
		return server, l, err
	}
}

// fill puts what the flags say into the configuration.
func (o *options) fill(cfg *sip.Config) (err error) {
	if o.public != "" {
		if cfg.Public, err = netip.ParseAddr(o.public); err != nil {
			return fmt.Errorf("-public %q is no IP address: give one such as 203.0.113.5", o.public)
		}
	}
	if o.trust != "" {
		trusted, err := netip.ParsePrefix(o.trust)
		if err != nil {
			return fmt.Errorf("-trust %q is no network: give one such as 198.51.100.0/24, or 198.51.100.7/32 for one peer", o.trust)
		}
		everybody := []sip.Peer{{Net: netip.MustParsePrefix("0.0.0.0/0")}, {Net: netip.MustParsePrefix("::/0")}}
		cfg.Peers = append([]sip.Peer{{Net: trusted, Trusted: true}}, everybody...)
	}
	if o.record != "" {
		if err := os.MkdirAll(o.record, 0o700); err != nil {
			return fmt.Errorf("-record: %w", err)
		}
		cfg.Record = func(call string, _ ivr.Call) (sip.Recorder, error) {
			return record(filepath.Join(o.record, time.Now().Format("2006-01-02T15.04.05-")+short(call)+".wav"))
		}
	}
	return nil
}

// speech speaks with espeak-ng, and keeps what it has spoken.
func speech(words *ivr.Catalog, recordings string, log *slog.Logger) (*voice.Voice, error) {
	speaker, err := voice.NewEspeak(voice.EspeakConfig{})
	if err != nil {
		return nil, fmt.Errorf("%w: install it (apt install espeak-ng)", err)
	}
	cfg := voice.Config{Catalog: words, Speaker: speaker, Log: log}
	if recordings != "" {
		if cfg.Recordings, err = voice.OpenRecordings(os.DirFS(recordings)); err != nil {
			return nil, fmt.Errorf("-recordings %s: %w", recordings, err)
		}
	}
	if cache, err := os.UserCacheDir(); err == nil {
		cfg.Dir = filepath.Join(cache, "dialpay", "voice")
	}
	return voice.New(cfg)
}

// warm has what is fixed spoken before anybody waits for it.
func warm(ctx context.Context, v *voice.Voice, log *slog.Logger) {
	if err := v.Warm(ctx); err != nil && ctx.Err() == nil {
		log.Warn("prompts are spoken only when they are needed", "error", err)
	}
}
