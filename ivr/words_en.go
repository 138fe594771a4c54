package ivr

// scale is a power of ten with a name.
type scale struct {
	value uint64
	name  string
}

var englishScales = []scale{
	{1e18, "quintillion"}, {1e15, "quadrillion"}, {1e12, "trillion"}, {1e9, "billion"}, {1e6, "million"}, {1e3, "thousand"},
}

var englishSmall = []string{"zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
	"twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"}

var englishTens = []string{2: "twenty", 3: "thirty", 4: "forty", 5: "fifty", 6: "sixty", 7: "seventy", 8: "eighty", 9: "ninety"}

var englishOrdinals = []string{1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", 6: "sixth", 7: "seventh",
	8: "eighth", 9: "ninth", 10: "tenth", 11: "eleventh", 12: "twelfth", 13: "thirteenth", 14: "fourteenth", 15: "fifteenth",
	16: "sixteenth", 17: "seventeenth", 18: "eighteenth", 19: "nineteenth", 20: "twentieth", 21: "twenty-first",
	22: "twenty-second", 23: "twenty-third", 24: "twenty-fourth", 25: "twenty-fifth", 26: "twenty-sixth",
	27: "twenty-seventh", 28: "twenty-eighth", 29: "twenty-ninth", 30: "thirtieth", 31: "thirty-first"}

// englishSpelling is the ICAO alphabet in ordinary spelling, which speech engines pronounce best.
var englishSpelling = [26]string{"alpha", "bravo", "charlie", "delta", "echo", "foxtrot", "golf", "hotel", "india", "juliet",
	"kilo", "lima", "mike", "november", "oscar", "papa", "quebec", "romeo", "sierra", "tango", "uniform", "victor", "whiskey",
	"x-ray", "yankee", "zulu"}

func englishCurrencies() map[string]Currency {
	cent := Noun{One: "cent", Many: "cents"}
	centavo := Noun{One: "centavo", Many: "centavos"}
	fils := Noun{One: "fils", Many: "fils"}
	return map[string]Currency{
		"ARS": {Noun{One: "Argentine peso", Many: "Argentine pesos"}, centavo},
		"AUD": {Noun{One: "Australian dollar", Many: "Australian dollars"}, cent},
		"BHD": {Noun{One: "Bahraini dinar", Many: "Bahraini dinars"}, fils},
		"BRL": {Noun{One: "Brazilian real", Many: "Brazilian reais"}, centavo},
		"CAD": {Noun{One: "Canadian dollar", Many: "Canadian dollars"}, cent},
		"CHF": {Noun{One: "Swiss franc", Many: "Swiss francs"}, Noun{One: "centime", Many: "centimes"}},
		"CLP": {Unit: Noun{One: "Chilean peso", Many: "Chilean pesos"}},
		"COP": {Noun{One: "Colombian peso", Many: "Colombian pesos"}, centavo},
		"EUR": {Noun{One: "euro", Many: "euros"}, cent},
		"GBP": {Noun{One: "pound", Many: "pounds"}, Noun{One: "penny", Many: "pence"}},
		"INR": {Noun{One: "rupee", Many: "rupees"}, Noun{One: "paisa", Many: "paise"}},
		"JPY": {Unit: Noun{One: "yen", Many: "yen"}},
		"KRW": {Unit: Noun{One: "won", Many: "won"}},
		"KWD": {Noun{One: "Kuwaiti dinar", Many: "Kuwaiti dinars"}, fils},
		"MXN": {Noun{One: "Mexican peso", Many: "Mexican pesos"}, centavo},
		"USD": {Noun{One: "dollar", Many: "dollars"}, cent},
	}
}

func englishWords() map[string][]string {
	return map[string][]string{
		"yes": {"yes", "yeah", "yep", "yup", "sure", "okay", "ok", "correct", "right", "that's right", "that is right",
			"that's correct", "that is correct", "yes it is", "yes I do", "of course", "absolutely"},
		"no": {"no", "nope", "nah", "no thanks", "no thank you", "wrong", "that's wrong", "that is wrong", "not right",
			"that's not right", "that is not right", "incorrect", "no it isn't", "no it is not", "no I don't"},

		"command.repeat": {"repeat", "repeat that", "say that again", "say it again", "again", "once more", "one more time",
			"pardon", "sorry", "what", "what was that", "what did you say", "can you repeat that", "could you repeat that"},
		"command.help": {"help", "help me", "I need help", "what can I say", "what are my options", "options",
			"I don't understand", "I do not understand", "I don't know", "explain"},
		"command.back": {"back", "go back", "previous", "go to the previous question", "previous question", "undo",
			"I made a mistake", "start over that question"},
		"command.agent": {"agent", "operator", "representative", "a person", "person", "human", "a human", "real person",
			"a real person", "customer service", "customer care", "speak to someone", "talk to someone", "speak to an agent",
			"talk to an agent", "speak to a person", "talk to a person", "speak to a representative",
			"talk to a representative", "speak to a human", "I want to speak to someone", "I want to talk to a person",
			"I need to talk to a person", "I need to talk to a real person", "talk to somebody", "speak to somebody", "talk to a real person",
			"speak to a real person"},
		"command.slower": {"slower", "slow down", "speak slower", "speak more slowly", "more slowly", "too fast",
			"that's too fast", "you're too fast", "more time", "I need more time", "give me more time"},
		"command.language": {"language", "change language", "change the language", "other language", "another language",
			"Spanish", "in Spanish", "español", "en español"},

		"digit.0":      {"oh", "o", "nought"},
		"digit.double": {"double"},
		"digit.triple": {"triple", "treble"},
		"amount.units": {"$", "€", "£", "¥", "buck", "bucks", "peso", "pesos", "franc", "francs", "real", "reais", "dinar", "dinars", "quid"},
		"amount.minor": {"pennies", "centavo", "centavos"},
		"amount.and":   {"and", "with"},
		"amount.point": {"point", "dot"},
		"number.link":  {"and"},
		wordsFiller:    {"please", "uh", "uhh", "um", "umm", "er", "hmm", "well", "thanks", "thank you", "the"},
		wordsAround: {"I'd like to pay", "I would like to pay", "I want to pay", "I'll pay", "I will pay", "let me pay", "pay",
			"let's say", "make it", "just", "exactly", "it's", "it is", "my number is", "my account number is",
			"the number is"},
	}
}
