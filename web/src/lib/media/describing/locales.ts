/** Languages and countries to choose from, named in the reader's language. */

/** In which providers have texts worth asking for. */
const LANGUAGES =
  'ar bg bn ca cs da de el en es et eu fa fi fr gl he hi hr hu id is it ja ka ko lt lv mk ms nb nl pl pt pt-BR ro ru sk sl sq sr sv ta te th tr uk vi zh zh-TW'.split(
    ' ',
  );

/** With film ratings or release dates of their own. */
const COUNTRIES =
  'AR AT AU BE BG BR CA CH CL CN CO CZ DE DK EE ES FI FR GB GR HK HR HU ID IE IL IN IS IT JP KR LT LU LV MX MY NL NO NZ PE PH PL PT RO RS RU SE SG SI SK TH TR TW UA US ZA'.split(
    ' ',
  );

export interface Choice {
  value: string;
  label: string;
}

/** `chosen` is among them also when it is none of ours. */
export const languageChoices = (nameOf: (code: string) => string, chosen: string): Choice[] =>
  choices(LANGUAGES, nameOf, chosen);

export const countryChoices = (nameOf: (code: string) => string, chosen: string): Choice[] =>
  choices(COUNTRIES, nameOf, chosen);

const choices = (codes: string[], nameOf: (code: string) => string, chosen: string): Choice[] =>
  [...new Set([...codes, ...(chosen ? [chosen] : [])])]
    .map((value) => ({ value, label: nameOf(value) }))
    .sort((a, b) => a.label.localeCompare(b.label));
