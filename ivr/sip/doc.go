// Package sip is a telephone line: it answers calls that come by SIP (RFC 3261) and holds them with [ivr.Serve].
package sip
