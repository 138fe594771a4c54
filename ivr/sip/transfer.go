package sip

import (
	"context"
	"errors"

	"github.com/emiago/sipgo/sip"

	"github.com/dialpay/dialpay/ivr"
)

type progress struct{}

func (c *call) transfer(context.Context, ivr.Transfer) error { return errors.New("not yet") }

func (s *Server) notify(req *sip.Request, tx sip.ServerTransaction) { s.outside(req, tx) }

func isURI(string) bool { return false }
