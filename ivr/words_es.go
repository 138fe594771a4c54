package ivr

var spanishScales = []scale{{1e18, "trillón"}, {1e12, "billón"}, {1e6, "millón"}}

var spanishSmall = []string{"cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once",
	"doce", "trece", "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno",
	"veintidós", "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve"}

var spanishTens = []string{3: "treinta", 4: "cuarenta", 5: "cincuenta", 6: "sesenta", 7: "setenta", 8: "ochenta", 9: "noventa"}

var spanishHundred = []string{1: "ciento", 2: "doscientos", 3: "trescientos", 4: "cuatrocientos", 5: "quinientos",
	6: "seiscientos", 7: "setecientos", 8: "ochocientos", 9: "novecientos"}

// spanishOne has the forms of one and, under true, of twenty-one, by gender.
var spanishOne = map[bool][3]string{
	false: {alone: "uno", masculine: "un", feminine: "una"},
	true:  {alone: "veintiuno", masculine: "veintiún", feminine: "veintiuna"},
}

var spanishWeekdays = []string{"domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"}

var spanishMonths = []string{1: "enero", 2: "febrero", 3: "marzo", 4: "abril", 5: "mayo", 6: "junio", 7: "julio", 8: "agosto",
	9: "septiembre", 10: "octubre", 11: "noviembre", 12: "diciembre"}

// spanishSpelling has words that every Spanish speaker in the US knows; no alphabet is standard there.
var spanishSpelling = [26]string{"ana", "barco", "casa", "dado", "elena", "foca", "gato", "hotel", "isla", "julio", "kilo",
	"luna", "mesa", "nube", "oso", "papá", "queso", "rosa", "sol", "taza", "uva", "vaca", "wifi", "xilófono", "yate", "zapato"}

func spanishCurrencies() map[string]Currency {
	centavo := Noun{One: "centavo", Many: "centavos"}
	centimo := Noun{One: "céntimo", Many: "céntimos"}
	fils := Noun{One: "fils", Many: "fils"}
	return map[string]Currency{
		"ARS": {Noun{One: "peso argentino", Many: "pesos argentinos"}, centavo},
		"AUD": {Noun{One: "dólar australiano", Many: "dólares australianos"}, centavo},
		"BHD": {Noun{One: "dinar bareiní", Many: "dinares bareiníes"}, fils},
		"BRL": {Noun{One: "real brasileño", Many: "reales brasileños"}, centavo},
		"CAD": {Noun{One: "dólar canadiense", Many: "dólares canadienses"}, centavo},
		"CHF": {Noun{One: "franco suizo", Many: "francos suizos"}, centimo},
		"CLP": {Unit: Noun{One: "peso chileno", Many: "pesos chilenos"}},
		"COP": {Noun{One: "peso colombiano", Many: "pesos colombianos"}, centavo},
		"EUR": {Noun{One: "euro", Many: "euros"}, centimo},
		"GBP": {Noun{One: "libra", Many: "libras", Feminine: true}, Noun{One: "penique", Many: "peniques"}},
		"INR": {Noun{One: "rupia", Many: "rupias", Feminine: true}, Noun{One: "paisa", Many: "paisas", Feminine: true}},
		"JPY": {Unit: Noun{One: "yen", Many: "yenes"}},
		"KRW": {Unit: Noun{One: "won", Many: "wones"}},
		"KWD": {Noun{One: "dinar kuwaití", Many: "dinares kuwaitíes"}, fils},
		"MXN": {Noun{One: "peso mexicano", Many: "pesos mexicanos"}, centavo},
		"USD": {Noun{One: "dólar", Many: "dólares"}, centavo},
	}
}

func spanishWords() map[string][]string {
	return map[string][]string{
		"yes": {"sí", "claro", "claro que sí", "por supuesto", "correcto", "es correcto", "así es", "eso es", "está bien",
			"de acuerdo", "vale", "exacto", "ok", "okay", "cómo no"},
		"no": {"no", "no gracias", "incorrecto", "no es correcto", "no está bien", "está mal", "equivocado", "para nada",
			"negativo"},

		"command.repeat": {"repetir", "repita", "repite", "repítalo", "repítelo", "otra vez", "de nuevo", "una vez más",
			"cómo", "cómo dijo", "qué dijo", "perdón", "mande", "no oí", "no escuché", "puede repetir", "me lo repite"},
		"command.help": {"ayuda", "ayúdame", "ayúdeme", "necesito ayuda", "qué puedo decir", "opciones",
			"cuáles son mis opciones", "no entiendo", "no sé", "no comprendo", "explique"},
		"command.back": {"atrás", "volver", "regresar", "regresa", "regrese", "anterior", "la pregunta anterior",
			"volver atrás", "pregunta anterior", "me equivoqué", "ir atrás"},
		"command.agent": {"agente", "operador", "operadora", "representante", "persona", "una persona", "persona real",
			"una persona real", "un humano", "humano", "servicio al cliente", "atención al cliente", "hablar con alguien",
			"hablar con un agente", "hablar con una persona", "hablar con un representante", "quiero hablar con alguien",
			"quiero hablar con una persona", "quiero hablar con un agente"},
		"command.slower": {"más despacio", "más lento", "despacio", "hable más despacio", "habla más despacio",
			"muy rápido", "demasiado rápido", "más tiempo", "necesito más tiempo", "deme más tiempo"},
		"command.language": {"idioma", "cambiar idioma", "cambiar de idioma", "cambiar el idioma", "otro idioma", "inglés",
			"en inglés", "English", "in English"},

		"digit.1":      {"un", "una"},
		"digit.double": {"doble"},
		"digit.triple": {"triple"},
		"amount.units": {"$", "€", "£", "¥", "peso", "pesos", "dinar", "dinares", "real", "reales", "franco", "francos"},
		"amount.minor": {"centavo", "centavos", "centavito", "centavitos"},
		"amount.and":   {"y", "con"},
		"amount.point": {"punto", "coma"},
		"number.link":  {"de"},
		wordsFiller:    {"por favor", "eh", "este", "pues", "mmm", "bueno", "gracias", "el", "la", "lo", "los", "las"},
		wordsAround: {"quiero pagar", "quisiera pagar", "me gustaría pagar", "voy a pagar", "pagar", "que sean", "es",
			"exactamente", "mi número es", "mi número de cuenta es", "el número es"},
	}
}
