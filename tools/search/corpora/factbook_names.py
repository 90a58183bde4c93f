"""What people call the countries of the World Factbook, where it differs from the Factbook's own short form."""

# By the Factbook's own two-letter codes (not ISO 3166).
DISPLAY_NAMES = {
    "bm": "Myanmar (Burma)",
    "bf": "The Bahamas",
    "cf": "Republic of the Congo",
    "cg": "Democratic Republic of the Congo",
    "ct": "Central African Republic",
    "cv": "Cape Verde (Cabo Verde)",
    "dr": "Dominican Republic",
    "ee": "European Union",
    "ez": "Czechia (Czech Republic)",
    "fk": "Falkland Islands",
    "fm": "Micronesia",
    "gz": "Gaza Strip",
    "io": "British Indian Ocean Territory",
    "iv": "Ivory Coast (Côte d'Ivoire)",
    "sh": "Saint Helena, Ascension, and Tristan da Cunha",
    "sv": "Svalbard",
    "tt": "Timor-Leste (East Timor)",
    "um": "United States Pacific Island Wildlife Refuges",
    "vt": "Vatican City (Holy See)",
    "wz": "Eswatini (Swaziland)",
    "xx": "World",
}

# Separated by commas; the Factbook's own short, long, local and former names and its demonyms are added to these.
ALIASES = {
    "ae": "UAE,Emirates,Emirati",
    "ag": "Algerie",
    "ac": "Antigua",
    "bc": "Tswana",
    "be": "Belgians",
    "bk": "Bosnia,Bosnia Herzegovina,Herzegovina",
    "bm": "Burma,Burmese",
    "bo": "Byelorussia,Belorussia",
    "cb": "Kampuchea,Khmer",
    "ce": "Ceylon",
    "cf": "Congo-Brazzaville,Congo Brazzaville,Congo Republic",
    "cg": "DR Congo,Congo,Congo-Kinshasa,Congolese,Zaire,Democratic Republic of Congo",
    "ch": "People's Republic of China,mainland China",
    "dr": "Dominican Rep",
    "ee": "EU",
    "et": "Abyssinia",
    "ez": "Czech",
    "fk": "Falklands,Malvinas",
    "ga": "Gambia",
    "gm": "Deutschland",
    "gr": "Hellas",
    "gz": "Gaza,Palestine,Palestinian",
    "iv": "Ivory Coast,Ivorian,Côte d'Ivoire",
    "kg": "Kyrgyz,Kirghizia",
    "kn": "DPRK,North Korean",
    "ks": "Korea,Korean,South Korean",
    "kz": "Kazakh",
    "lt": "Basutoland",
    "mi": "Nyasaland",
    "mk": "Macedonia,FYROM",
    "my": "Malaya",
    "nl": "Holland",
    "pp": "PNG",
    "rp": "Filipino,Filipina",
    "rs": "Soviet Union,USSR",
    "sa": "KSA,Saudi,Saudi Arabian",
    "sc": "Saint Kitts,St Kitts",
    "sf": "RSA",
    "sz": "Helvetia",
    "td": "Trinidad",
    "th": "Siamese",
    "ti": "Tajik",
    "tp": "Sao Tome",
    "tt": "East Timor,Timor",
    "tu": "Turkiye",
    "tw": "Taiwanese,Republic of China",
    "tx": "Turkmen",
    "uk": "UK,Britain,Great Britain,GB",
    "us": "USA,US,America,United States of America",
    "uz": "Uzbek",
    "vc": "Saint Vincent,St Vincent",
    "vm": "Viet Nam",
    "vt": "Vatican,Holy See",
    "we": "Palestine,Palestinian,Palestinian Territories",
    "wz": "Swazi",
    "xx": "global,Earth,worldwide",
}

# They hold a country's name or are asked for like a country, and the Factbook has no entry for them.
PARTS_OF_COUNTRIES = {
    "England": "the United Kingdom",
    "Scotland": "the United Kingdom",
    "Wales": "the United Kingdom",
    "Northern Ireland": "the United Kingdom",
    "New England": "the United States",
    "New Jersey": "the United States",
    "New Mexico": "the United States",
    "New South Wales": "Australia",
    "Inner Mongolia": "China",
}

# The Factbook gives them as names of a country; in a question they mean something else.
MISLEADING_NAMES = frozenset({"AS", "CAR", "Island", "NA", "None", "Quito", "Western Sahara", "none"})

# Territories whose people are called by the name of another country: their demonym would only mislead.
BORROWED_DEMONYMS = frozenset({"aa", "cq", "hk", "mc", "sb", "uc"})

CURRENCIES = {"us": "US dollar (USD)", "wi": "Moroccan dirham (MAD)", "tk": "US dollar (USD)"}
