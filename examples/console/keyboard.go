package main

import (
	"context"
	"io"
	"strings"
)

// keyboard is what is typed, for one call after the other. What a call does not take waits for the next.
type keyboard struct{ bytes chan byte }

func newKeyboard(in io.Reader) *keyboard {
	k := &keyboard{make(chan byte)}
	go func() {
		defer close(k.bytes)
		var b [1]byte // no more, so that no key of a secret lies in a buffer
		defer clear(b[:])
		for {
			n, err := in.Read(b[:])
			if n > 0 {
				k.bytes <- b[0]
			}
			if err != nil {
				return
			}
		}
	}()
	return k
}

// during is a Reader that ends when ctx does.
func (k *keyboard) during(ctx context.Context) io.Reader { return typing{k, ctx} }

type typing struct {
	*keyboard
	ctx context.Context
}

// Read implements io.Reader.
func (t typing) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	select {
	case b, ok := <-t.bytes:
		if ok {
			p[0] = b
			return 1, nil
		}
	case <-t.ctx.Done():
	}
	return 0, io.EOF
}

// key waits for one key; ok is false when ctx ends, or the input.
func (k *keyboard) key(ctx context.Context) (key byte, ok bool) {
	select {
	case key, ok = <-k.bytes:
	case <-ctx.Done():
	}
	return key, ok
}

// line waits for a line, without blanks around it; ok is false when ctx ends, or the input.
func (k *keyboard) line(ctx context.Context) (line string, ok bool) {
	for {
		key, ok := k.key(ctx)
		if !ok || key == '\n' {
			return strings.TrimSpace(line), ok
		}
		line += string(rune(key))
	}
}
