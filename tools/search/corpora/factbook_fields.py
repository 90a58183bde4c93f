"""How each field of the World Factbook becomes passages: its label and the words people use for it.

A field that is not listed keeps the Factbook's own name and is found by that alone.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldPassage:
    """One passage made of a field.

    Args:
        label: what the passage is about, in the title and at the start of its text.
        keywords: what people say instead.
        keys: the field's parts that it is made of, in this order; empty takes every part not taken by another.
        fields: further fields of the Factbook that are told in the same passage, by their prefix in the text.
    """

    label: str
    keywords: str = ""
    keys: tuple[str, ...] = ()
    fields: tuple[tuple[str, str], ...] = ()


_P = FieldPassage

FIELDS: dict[str, tuple[FieldPassage, ...]] = {
    "Background": (_P("Background", "history historical introduction overview about tell summary story"),),
    "Location": (_P("Location", "where located situated continent find region part lie map"),),
    "Geographic coordinates": (_P("Geographic coordinates", "latitude longitude position"),),
    "Area": (_P("Area", "big large size surface square kilometers kilometres km extent how land"),),
    "Area - comparative": (_P("Area comparison", "compared"),),
    "Land boundaries": (
        _P(
            "Land borders",
            "border boundary boundaries neighbour neighbor neighbouring neighboring adjacent share frontier country"
            " next countries length",
            ("border countries", "total"),
        ),
    ),
    "Coastline": (_P("Coastline", "coast coastal length long sea shore landlocked"),),
    "Climate": (_P("Climate", "weather temperature rain rainfall hot cold warm season winter summer"),),
    "Terrain": (_P("Terrain", "landscape relief geography land look mountains plains"),),
    "Elevation": (
        _P("Highest point", "elevation high tall tallest mountain peak summit altitude", ("highest point",)),
        _P("Lowest point", "elevation low lowest altitude depression", ("lowest point",)),
        _P("Mean elevation", "average altitude height", ("mean elevation",)),
        _P("Elevation note"),
    ),
    "Natural resources": (_P("Natural resources", "minerals mineral ores raw materials mines"),),
    "Land use": (_P("Land use", "agricultural farmland arable forest percentage share"),),
    "Major lakes (area sq km)": (_P("Major lakes", "lake largest biggest"),),
    "Major rivers (by length in km)": (_P("Major rivers", "river longest"),),
    "Major watersheds (area sq km)": (_P("Major watersheds", "drainage basin"),),
    "Natural hazards": (_P("Natural hazards", "disaster earthquake flood volcano volcanoes storm danger"),),
    "Geography - note": (_P("Geography note", "strategic"),),
    "Population": (_P("Population", "people inhabitants live living many number populous residents citizens"),),
    "Nationality": (_P("Nationality", "demonym called people call inhabitant citizen"),),
    "People - note": (_P("Society note"),),
    "Ethnic groups": (_P("Ethnic groups", "ethnicity ethnicities ethnic race races tribe tribes people minorities"),),
    "Languages": (_P("Languages", "language speak spoken speaking official tongue talk people"),),
    "Religions": (
        _P("Religions", "religion religious faith faiths church believe belief worship main muslim christian"),
    ),
    "Age structure": (_P("Age structure", "young old children elderly share ages"),),
    "Median age": (_P("Median age", "average mean old people age how"),),
    "Population growth rate": (_P("Population growth rate", "grow growing fast increase"),),
    "Birth rate": (_P("Birth rate", "births born babies natality"),),
    "Death rate": (_P("Death rate", "deaths die mortality"),),
    "Net migration rate": (_P("Net migration rate", "immigration emigration migrants immigrants"),),
    "Population distribution": (_P("Population distribution", "density settled concentrated"),),
    "Urbanization": (_P("Urbanization", "urban cities city share people towns rural"),),
    "Major urban areas - population": (
        _P("Major cities", "urban areas city biggest largest metropolis metropolitan towns population"),
    ),
    "Infant mortality rate": (_P("Infant mortality rate", "baby babies death child deaths"),),
    "Maternal mortality ratio": (_P("Maternal mortality ratio", "mothers death rate childbirth"),),
    "Life expectancy at birth": (_P("Life expectancy", "birth expected lifespan long live age people average old"),),
    "Total fertility rate": (_P("Fertility rate", "total children woman women births born per many"),),
    "Health expenditure": (_P("Health expenditure", "spending spend healthcare care"),),
    "Physician density": (_P("Physician density", "doctors doctor physicians many per"),),
    "Hospital bed density": (_P("Hospital bed density", "hospitals beds"),),
    "Obesity - adult prevalence rate": (_P("Obesity rate", "adult prevalence obese overweight fat people"),),
    "Alcohol consumption per capita": (_P("Alcohol consumption per capita", "drink drinking beer wine spirits"),),
    "Tobacco use": (_P("Tobacco use", "smoke smoking smokers cigarettes people"),),
    "Education expenditure": (_P("Education expenditure", "spending spend schools"),),
    "Literacy": (_P("Literacy rate", "literate read write illiteracy illiterate percentage people"),),
    "School life expectancy (primary to tertiary education)": (_P("School life expectancy", "years education"),),
    "Mother's mean age at first birth": (_P("Mother's mean age at first birth", "mothers women average child"),),
    "Environmental issues": (_P("Environmental issues", "environment problems pollution current ecological"),),
    "Carbon dioxide emissions": (_P("Carbon dioxide emissions", "CO2 greenhouse gas climate"),),
    "Waste and recycling": (_P("Waste and recycling", "garbage rubbish trash recycled"),),
    "Total renewable water resources": (_P("Renewable water resources", "total fresh freshwater"),),
    "Country name": (
        _P(
            "Country name",
            "full official formal long short local native former formerly old previous called name renamed known as"
            " abbreviation",
            (
                "conventional long form",
                "conventional short form",
                "official long form",
                "former",
                "abbreviation",
                "local long form",
                "local short form",
                "note",
            ),
        ),
        _P("Origin of the name", "etymology meaning mean named why country comes", ("etymology",)),
    ),
    "Government type": (_P("Government type", "form system kind political regime republic monarchy democracy"),),
    "Capital": (
        _P("Capital", "city seat government", ("name",)),
        _P("About the capital", "city note history", ("note",)),
        _P("Coordinates of the capital", "geographic latitude longitude", ("geographic coordinates",)),
        _P(
            "Time zone",
            "time difference clock UTC GMT hour hours zones timezone daylight saving summer",
            ("time difference", "daylight saving time", "time zone note"),
        ),
        _P("Origin of the capital's name", "etymology meaning named", ("etymology",)),
    ),
    "Administrative divisions": (
        _P("Administrative divisions", "provinces province states regions departments districts counties subdivisions"),
    ),
    "Constitution": (_P("Constitution", "constitutional basic law adopted"),),
    "Legal system": (_P("Legal system", "law laws"),),
    "Citizenship": (_P("Citizenship", "dual naturalization become citizen"),),
    "Suffrage": (_P("Suffrage", "voting vote age right"),),
    "Executive branch": (
        _P("Head of state", "chief leader ruler rules monarch president who leads", ("chief of state",)),
        _P(
            "Head of government",
            "prime minister premier leader governs who leads",
            ("head of government", "state counsellor"),
        ),
        _P("Cabinet", "ministers government council", ("cabinet",)),
        _P("Executive elections", "election elected next results vote"),
    ),
    "Legislative branch": (_P("Legislative branch", "parliament legislature congress assembly seats chamber"),),
    "Legislative branch - lower chamber": (_P("Lower chamber of parliament", "legislative branch house seats"),),
    "Legislative branch - upper chamber": (_P("Upper chamber of parliament", "legislative branch senate seats"),),
    "Judicial branch": (_P("Judicial branch", "court courts supreme judges highest"),),
    "Political parties": (_P("Political parties", "party politics"),),
    "Diplomatic representation in the US": (
        _P("Embassy in the United States", "diplomatic representation US ambassador"),
    ),
    "Diplomatic representation from the US": (_P("US embassy", "United States diplomatic representation ambassador"),),
    "International organization participation": (_P("International organizations", "member membership participation"),),
    "Independence": (_P("Independence", "independent when gained founded become date day"),),
    "National holiday": (_P("National holiday", "national day celebrate public"),),
    "Flag": (_P("Flag", "description colours colors look like meaning banner"),),
    "National symbol(s)": (_P("National symbols", "symbol animal emblem bird flower"),),
    "National color(s)": (_P("National colors", "colour colours"),),
    "National coat of arms": (_P("Coat of arms", "national emblem"),),
    "National anthem(s)": (_P("National anthem", "song hymn title anthem"),),
    "National heritage": (_P("World Heritage Sites", "national UNESCO sites heritage"),),
    "Economic overview": (_P("Economic overview", "economy economic state situation"),),
    "Real GDP (purchasing power parity)": (
        _P("Real GDP (purchasing power parity)", "gross domestic product PPP economy"),
    ),
    "Real GDP growth rate": (_P("Real GDP growth rate", "gross domestic product economic economy growing"),),
    "Real GDP per capita": (
        _P("Real GDP per capita", "gross domestic product person head income rich wealthy average"),
    ),
    "GDP (official exchange rate)": (_P("GDP", "gross domestic product nominal official size economy"),),
    "Inflation rate (consumer prices)": (_P("Inflation rate", "consumer prices rising price"),),
    "GDP - composition, by sector of origin": (
        _P("GDP by sector", "composition origin agriculture industry services"),
    ),
    "GDP - composition, by end use": (_P("GDP by end use", "composition consumption investment"),),
    "Agricultural products": (_P("Agricultural products", "agriculture crops crop farm farming grow grown food"),),
    "Industries": (_P("Industries", "industry industrial manufacturing make produce main factories"),),
    "Labor force": (_P("Labor force", "labour workers workforce work many"),),
    "Unemployment rate": (_P("Unemployment rate", "unemployed jobless joblessness jobs"),),
    "Youth unemployment rate (ages 15-24)": (_P("Youth unemployment rate", "young ages 15-24 unemployed"),),
    "Population below poverty line": (_P("Population below poverty line", "poor poverty rate people"),),
    "Gini Index coefficient - distribution of family income": (
        _P("Gini index", "coefficient inequality distribution family income equal"),
    ),
    "Budget": (_P("Budget", "revenues expenditures government spending"),),
    "Public debt": (_P("Public debt", "national government debt owe"),),
    "Taxes and other revenues": (_P("Taxes and other revenues", "tax taxation"),),
    "Exports": (
        _P(
            "Exports",
            "export sell sells goods commodities trade partners main sold exporting",
            fields=(
                ("Exports - commodities", "commodities"),
                ("Exports - partners", "partners"),
                ("Exports", "value"),
            ),
        ),
    ),
    "Imports": (
        _P(
            "Imports",
            "import buy buys goods commodities trade partners main bought importing",
            fields=(
                ("Imports - commodities", "commodities"),
                ("Imports - partners", "partners"),
                ("Imports", "value"),
            ),
        ),
    ),
    "Exports - partners": (),
    "Exports - commodities": (),
    "Imports - partners": (),
    "Imports - commodities": (),
    "Reserves of foreign exchange and gold": (_P("Reserves of foreign exchange and gold", "currency bank"),),
    "Debt - external": (_P("External debt", "foreign owe"),),
    "Exchange rates": (
        _P("Currency", "money coin coins banknotes cash pay unit dollar euro use used", ("Currency",)),
        _P("Exchange rates", "per US dollar currency"),
    ),
    "Electricity": (_P("Electricity", "power consumption generation capacity production"),),
    "Electricity access": (_P("Electricity access", "electrification power people"),),
    "Electricity generation sources": (
        _P("Electricity generation sources", "power renewable solar wind nuclear hydro fossil energy mix"),
    ),
    "Nuclear energy": (_P("Nuclear energy", "reactors reactor power plants"),),
    "Petroleum": (_P("Petroleum", "oil crude production reserves produce"),),
    "Natural gas": (_P("Natural gas", "production reserves"),),
    "Telephones - fixed lines": (_P("Fixed telephone lines", "telephones landline phones"),),
    "Telephones - mobile cellular": (_P("Mobile telephones", "cellular cell phones phone subscriptions"),),
    "Broadcast media": (_P("Broadcast media", "television TV radio stations press"),),
    "Internet country code": (_P("Internet country code", "domain top-level TLD web website suffix ending ccTLD"),),
    "Internet users": (_P("Internet users", "online web people percent access"),),
    "Broadband - fixed subscriptions": (_P("Broadband subscriptions", "fixed internet"),),
    "Civil aircraft registration country code prefix": (
        _P("Aircraft registration prefix", "civil country code plane"),
    ),
    "Airports": (_P("Airports", "airport airfields many number"),),
    "Railways": (_P("Railways", "railway railroad rail train trains length network tracks"),),
    "Merchant marine": (_P("Merchant marine", "ships fleet vessels"),),
    "Ports": (_P("Ports", "port harbour harbor harbors seaport"),),
    "Military and security forces": (_P("Military and security forces", "army navy armed air force branches"),),
    "Military expenditures": (_P("Military expenditures", "defence defense spending spend budget army"),),
    "Military and security service personnel strengths": (
        _P("Military personnel", "security service strengths soldiers troops army size large many"),
    ),
    "Military service age and obligation": (
        _P("Military service", "age obligation conscription draft compulsory mandatory"),
    ),
    "Space agency/agencies": (_P("Space agency", "agencies"),),
    "Space launch site(s)": (_P("Space launch sites", "spaceport rocket cosmodrome"),),
    "Terrorist group(s)": (_P("Terrorist groups", "terrorism"),),
    "Refugees and internally displaced persons": (_P("Refugees and displaced persons", "internally stateless asylum"),),
    "Illicit drugs": (_P("Illicit drugs", "drug trafficking narcotics"),),
    "Dependency status": (_P("Dependency status", "belongs territory owned belong"),),
}
