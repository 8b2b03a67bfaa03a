/// Words whose full stop does not, or not always, end a sentence. All lower case, without the final stop.
enum SentenceAbbreviations {
    /// Something always follows: titles, "e.g." and their relatives in German and French.
    static let neverLast: Set<String> = [
        "mr", "mrs", "ms", "mx", "dr", "drs", "prof", "st", "sr", "jr", "rev", "hon", "gen", "col", "sgt", "capt", "lt",
        "cmdr", "adm", "gov", "sen", "rep", "pres", "supt", "messrs", "mme", "mlle",
        "e.g", "eg", "i.e", "ie", "cf", "viz", "vs", "approx", "ca", "resp", "incl", "excl", "esp", "aka", "a.k.a",
        "z.b", "d.h", "u.a", "v.a", "i.d.r", "z.t", "s.o", "s.u", "o.g", "u.u", "m.e", "zzgl", "zz", "bspw", "evtl",
        "ggf", "gem", "inkl", "exkl", "sog", "vgl", "bzw", "einschl", "lt", "hrsg", "geb", "verh", "mio", "mrd", "tsd",
        "p.ex", "par ex", "hr", "fr", "frl", "dipl", "ing", "mag",
    ]
    /// A number follows when they are abbreviations ("No. 5", "Fig. 2"); otherwise the sentence ends.
    static let beforeNumber: Set<String> = [
        "no", "nos", "nr", "fig", "figs", "sec", "sect", "p", "pp", "vol", "vols", "ch", "chap", "eq", "eqs", "art",
        "abs", "kap", "tab", "ver", "v", "rev", "app", "bd", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep",
        "sept", "oct", "okt", "nov", "dec", "dez", "ref", "refs", "ex", "s", "z", "line", "stat",
    ]
    /// They may end a sentence: it ends when a usual sentence opener follows.
    static let maybeLast: Set<String> = [
        "inc", "ltd", "co", "corp", "bros", "gmbh", "u.s", "u.k", "u.n", "e.u", "a.m", "p.m", "ph.d", "m.d", "b.a",
        "m.a", "b.sc", "m.sc", "d.c", "dept", "est", "min", "max", "avg", "univ", "assn", "ave", "blvd", "rd", "mt", "ft",
        "al", "ed", "eds", "tel", "temp", "dist", "std", "misc", "orig", "trans", "n.chr", "v.chr", "str",
    ]
    /// Capitalised words that usually open a sentence.
    static let openers: Set<String> = [
        "The", "A", "An", "It", "Its", "This", "That", "These", "Those", "There", "They", "Their", "He", "She", "His", "Her",
        "We", "Our", "You", "Your", "I", "My", "In", "On", "At", "For", "From", "To", "By", "As", "If", "When", "While",
        "Where", "What", "Who", "Why", "How", "But", "And", "Or", "So", "However", "Therefore", "Then", "After", "Before",
        "Because", "Since", "Although", "Also", "Each", "Every", "All", "Some", "Most", "Many", "Both", "No", "Not", "Note",
        "See", "Use", "Do", "Does", "Is", "Are", "Was", "Were", "With", "Without", "Once", "Such", "Here", "Now", "Only",
        "Der", "Die", "Das", "Ein", "Eine", "Es", "Er", "Sie", "Wir", "Ihr", "Dies", "Diese", "Dieser", "Dieses", "Wenn",
        "Wer", "Wie", "Was", "Im", "In", "Am", "Bei", "Mit", "Nach", "Und", "Aber", "Oder", "Auch", "Als", "Damit", "Dann",
        "Le", "La", "Les", "Un", "Une", "Il", "Elle", "Nous", "Vous", "Ils", "Ce", "Cette", "El", "Los", "Las", "Una",
    ]
    /// After a number with a full stop these make a German date or ordinal: "3. Oktober", "19. Jahrhundert".
    static let afterOrdinal: Set<String> = [
        "Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August", "September", "Oktober", "November",
        "Dezember", "Jahrhundert", "Jahrhunderts", "Quartal", "Kapitel", "Auflage", "Semester", "Klasse", "Platz", "Tag",
        "Woche", "Stock", "Etage", "Lebensjahr", "Geburtstag",
    ]
}
