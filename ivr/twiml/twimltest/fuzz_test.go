package twimltest

import "testing"

// TwiML of any kind is read or refused.
func FuzzParse(f *testing.F) {
	f.Add([]byte(`<Response><Gather action="/x" timeout="5"><Say>Hi</Say></Gather><Redirect>/y</Redirect></Response>`))
	f.Add([]byte(`<Response><Say language="en-US">A<break time="1s"/>B</Say><Hangup/></Response>`))
	f.Add([]byte(`<?xml version="1.0"?><!DOCTYPE x><Response/>`))
	f.Fuzz(func(t *testing.T, doc []byte) {
		e, err := Parse(doc)
		if err == nil && (e == nil || e.Name != "Response") {
			t.Fatal("neither a document nor an error")
		}
		if err == nil {
			Words(e, nil)
		}
	})
}
