package payment

import "context"

// Card is a card as the caller keyed it. Its secrets live for the length of one call to a Vault.
type Card struct {
	Number Secret
	CVV    Secret
	// Expiry is the last month of validity.
	Expiry Expiry
	// Postal is the billing postal code; empty where it is not asked.
	Postal string
	// Brand is what CheckNumber found.
	Brand Brand
}

// Token stands for a card at a Vault. It is no secret: it is of use only with the merchant's own credentials.
type Token struct {
	ID     string `json:"id"`
	Brand  Brand  `json:"brand"`
	Last4  string `json:"last4"`
	Expiry Expiry `json:"expiry,omitzero"`
}

// Vault turns cards into tokens, outside of PCI DSS scope or inside a part of it that is the vault's own.
type Vault interface {
	// Tokenise stores the card and returns its token. The same key returns the same token. A card that the vault
	// refuses is a *CardError; every other error means that the vault could not be reached. The CVV must not be kept
	// after the first authorisation (PCI DSS 3.3.1). The Vault must not keep the Card's secrets: they are cleared when
	// Tokenise returns.
	Tokenise(ctx context.Context, c Card, key string) (Token, error)
}
