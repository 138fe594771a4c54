// Package iso4217 knows how many decimals each currency has.
package iso4217

// notTwo lists the active currencies whose minor unit is not a hundredth (ISO 4217, list one, "Mnr unt").
var notTwo = map[string]int{
	"BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0, "RWF": 0,
	"UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
	"BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
	"CLF": 4, "UYW": 4,
}

const two = " AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF" +
	" CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF" +
	" IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN" +
	" MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS" +
	" SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG "

var digits = table()

func table() map[string]int {
	m := make(map[string]int, len(notTwo)+len(two)/4)
	for i := 1; i+3 <= len(two); i += 4 {
		m[two[i:i+3]] = 2
	}
	for code, n := range notTwo {
		m[code] = n
	}
	return m
}

// Digits returns the number of decimals of the currency with this upper-case alphabetic code, and whether it is one.
func Digits(code string) (n int, ok bool) {
	n, ok = digits[code]
	return n, ok
}

// Scale returns how many minor units make one whole unit: 100 for USD, 1 for JPY, 1000 for KWD. 0 for no currency.
func Scale(code string) int64 {
	n, ok := Digits(code)
	if !ok {
		return 0
	}
	scale := int64(1)
	for range n {
		scale *= 10
	}
	return scale
}
