package ivr_test

import (
	"testing"
	"time"

	"github.com/dialpay/dialpay/ivr"
)

func BenchmarkMenuPrompts(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		amounts.Prompts()
	}
}

func BenchmarkMenuListen(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		amounts.Listen(ivr.Timing{})
	}
}

func BenchmarkMenuRead(b *testing.B) {
	in := keys("2#")
	b.ReportAllocs()
	for b.Loop() {
		amounts.Read(in, nil, ivr.DefaultTiming)
	}
}

func BenchmarkFieldRead(b *testing.B) {
	in := keys("99*1234#")
	b.ReportAllocs()
	for b.Loop() {
		account.Read(in, nil, ivr.DefaultTiming)
	}
}

// BenchmarkExchange is one question: the prompts end, six keys, the Input.
func BenchmarkExchange(b *testing.B) {
	var x ivr.Exchange
	turn, now := field(1), time.Unix(0, 0)
	b.ReportAllocs()
	for b.Loop() {
		x.Begin(turn, now)
		x.Feed(ivr.Event{At: now, Input: ivr.Input{Kind: ivr.PromptEnded}})
		for i := range 6 {
			x.Feed(ivr.Event{At: now, Key: byte('1' + i)})
		}
		if _, ok := x.Input(); !ok {
			b.Fatal("no input")
		}
	}
}
