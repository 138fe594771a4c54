package main

import "strings"

// script are the answers of the demo: Ann pays a part of her bill with a new card. She mistypes her PIN once, says
// nothing once, and asks to hear the transaction ID again.
func script(locale string) string {
	another := "another amount"
	if locale == "es-US" {
		another = "otra cantidad"
	}
	return strings.Join([]string{
		"1243",             // not her PIN
		ann.pin,            //
		another,            // said, not keyed
		"",                 // nothing
		"40",               // dollars
		"25",               // cents
		"3",                // a new card
		"4242424242424242", // its number,
		testExpiry(),       // expiration date
		"123",              // and security code
		"1",                // save it
		"1",                // confirm
		"9",                // hear the transaction ID again
		"1",                // a receipt by text message
		"2",                // nothing else
	}, "\n") + "\n"
}
