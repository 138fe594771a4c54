// Package auth makes sure who is calling. It asks nothing by itself: package flow asks the questions, and auth says
// which one comes next, whether the answer is right, and what the caller may do then. It knows neither prompts nor
// payments.
//
// # From the ring to the answer
//
//  1. A Directory finds the account: ByCaller from the number that the call comes from, ByNumber from the number that
//     the caller keys. Put Decoys before it, so that an unknown number leads to an account like any other, whose
//     questions nobody can answer.
//  2. Policy.Needs says which Level an Action and an amount need.
//  3. Policy.Next says which factor to ask on the way there. A factor that is a Challenger is prepared first: a code is
//     sent, a question is chosen.
//  4. Lockout.Verify checks the answer and counts it, across calls, by account and by caller number.
//  5. Policy.Level says how far the factors that were accepted reach. If that is not enough, go on at 3. If Next has
//     nothing left, a person has to help. When the caller later wants something that needs more, start again at 2.
//
// # Factors
//
//	factor    class        kept as                    proves
//	caller    possession   registered number          the line, with STIR/SHAKEN attestation "A" only
//	pin       knowledge    PBKDF2 hash                that the caller knows the PIN
//	question  knowledge    PBKDF2 hash                the same, less well; Weak in StrictPolicy
//	code      possession   nothing                    the registered telephone
//	voice     inherence    by the VoiceVerifier       the voice
//	last4     weak         four digits                little: every receipt shows them
//	email     weak         the address                little: many know it
//
// A factor of an embedder's own is a type with the three methods of Factor.
//
// # Levels
//
//	level            reached by                                            DefaultPolicy      StrictPolicy
//	LevelNone        nothing
//	LevelNarrowed    an account was named                                  no action          no action
//	LevelIdentified  one factor (not the caller number alone), or, in      hear the bill,     hear the bill,
//	                 DefaultPolicy, two weak ones                          pay up to 500      pay with a keyed card
//	                                                                       dollars, save a
//	                                                                       method
//	LevelStrong      factors of two different classes                      pay more with a    pay with a saved method,
//	                                                                       saved method,      save a method, change
//	                                                                       change anything    anything
//
// # What a stranger can find out
//
// Whoever keys numbers at random hears the same words and meets the same number of questions, the same work and the
// same locks for an account and for none. What is keyed is held in a Secret, which no log, error or format opens, and
// compared in constant time. The package reads no clock and no randomness of its own: both are handed in.
package auth
