package ivr

import "time"

// key takes a single key.
func (x *Exchange) key(k byte) {
	if !keypad(k) {
		return
	}
	x.burst = x.burst && x.now.Sub(x.lastKey) < burstPause
	x.lastKey = x.now
	switch {
	case x.burst:
	case x.keys.swallow(k, x.now):
	case x.done:
		x.keepAhead(k)
	case !x.turn.asks():
		x.keepAhead(k)
	case x.ended || x.turn.listen.BargeIn && !x.turn.listen.Flush:
		x.count(k)
	case !x.turn.listen.Flush:
		x.early = true
		x.keepAhead(k)
	default:
		x.lost = k
	}
}

// burstPause is how long a caller must pause to begin anew.
const burstPause = time.Second

// keepAhead keeps a key for a later question, if there can be one.
func (x *Exchange) keepAhead(k byte) {
	if x.turn.action != ActionHangUp && x.turn.action != ActionTransfer {
		x.ahead.add(k)
	}
}

// count puts a key into the entry.
func (x *Exchange) count(k byte) {
	if !x.ended {
		x.cut = true
	}
	if x.keys.press(&x.turn.listen, k, x.now, x.ended && !x.early) {
		x.finish(x.keys.entry(x.turn.listen.Sensitive))
	}
}

// takeAhead counts the keys that were pressed too soon, until one of them completes the answer.
func (x *Exchange) takeAhead() {
	for !x.done {
		k, ok := x.ahead.take()
		if !ok {
			return
		}
		if !x.keys.swallow(k, x.now) {
			x.early = true
			x.count(k)
		}
	}
	// What belongs to this entry must not be the first key of the next.
	if k, ok := x.ahead.peek(); ok && x.keys.swallow(k, x.now) {
		x.ahead.take()
	}
}

// input takes what a line reports in one piece.
func (x *Exchange) input(in Input) {
	if x.done || !x.takes(in.Kind) {
		in.Secret.Clear()
		return
	}
	if in.Kind == Keys || in.Kind == Speech {
		in.Heard = in.Heard && x.ended && !x.early && !x.cut
		if !x.ended {
			x.cut = true
		}
	}
	if in.Kind == Keys && x.turn.listen.Sensitive && in.Keys != "" {
		in.Secret.Clear()
		in.Secret, in.Keys = sealed(in.Keys), ""
	}
	x.keys.clear()
	x.finish(in)
}

// takes tells whether an Input of this kind can answer the turn now.
func (x *Exchange) takes(kind InputKind) bool {
	l := &x.turn.listen
	switch kind {
	case Keys: // a line that collects by itself also keeps to BargeIn by itself
		return x.turn.asks() && (x.ended || !l.Flush)
	case Speech:
		return x.turn.asks() && l.Speech && !l.Sensitive && (x.ended || l.BargeIn && !l.Flush)
	case Silence:
		return x.turn.asks() && !x.keys.begun
	case WorkDone:
		return x.turn.action == ActionCapture && x.turn.delegable
	case TransferFailed:
		return x.turn.action == ActionTransfer
	}
	return false
}

// sealed puts keys that came in the open into a Secret. One that is too long stays too long for every Field.
func sealed(keys string) Secret {
	var b [MaxEntry + 1]byte
	s, _ := NewSecret(b[:copy(b[:], keys)])
	clear(b[:])
	return s
}
