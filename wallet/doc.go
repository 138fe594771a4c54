// Package wallet knows with what a customer can pay: the saved cards and bank accounts of an account, its gift cards and
// its reward points.
//
// A [Wallet] keeps them; [Memory] is one for tests, demonstrations and small installations. [Usable] puts what it
// returns into the order in which a caller is offered it. A card that was just keyed and tokenised is a [Method] too
// ([FromToken]), saved or not. [Method.Leg] makes it the part of a payment.
//
// [Plan] divides an amount among several sources, in the order of the customer's [Preferences]: [Points] and the
// [GiftCard]s pay as far as they go, a Method pays the rest. The parts are the amount exactly, in every currency; points
// are converted in whole numbers and rounded down ([Rate]).
package wallet
