package sip_test

import (
	"context"
	"fmt"
	"io"
	"net/netip"

	"github.com/dialpay/dialpay/ivr"
	"github.com/dialpay/dialpay/ivr/sip"
)

// A server for the calls of a carrier, whose word on the caller's number counts. The handler is a flow.Engine as a
// rule, and what is said comes from package voice.
func Example() {
	server, err := sip.New(sip.Config{
		Addr:    "127.0.0.1:0",
		Handler: goodbye{},
		Say:     func(*ivr.Turn) sip.Audio { return silence{} },
		Peers:   []sip.Peer{{Net: netip.MustParsePrefix("198.51.100.0/24"), Trusted: true}},
		Observe: func(r sip.Report) { fmt.Println(r.Call, r.Kind) },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, stop := context.WithCancel(context.Background())
	stop() // a program stops at a signal: then calls may end, and no new one is taken
	fmt.Println(server.ListenAndServe(ctx))
	// Output: <nil>
}

// goodbye is a handler that hangs up.
type goodbye struct{}

func (goodbye) Handle(context.Context, string, ivr.Input) (ivr.Turn, error) {
	return ivr.Turn{Seq: 1, Action: ivr.ActionHangUp, Prompts: []ivr.Prompt{ivr.Say("goodbye")}}, nil
}

// silence is Audio that says nothing.
type silence struct{}

func (silence) Read([]int16) (int, error) { return 0, io.EOF }
func (silence) Err() error                { return nil }
