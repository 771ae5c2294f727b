"""The words of the corpus generator, in tables that a translator can check and extend.

Every word has exactly one counterpart in each language, and no two words share a form, so that a sentence has exactly
one translation.
"""

from typing import NamedTuple

NUMBERS = ("singular", "plural")


class Noun(NamedTuple):
    kind: str  # person or thing
    en: tuple  # singular, plural
    de: tuple  # singular, plural
    de_gender: str  # m, f, n
    de_oblique: str  # accusative and dative singular
    de_genitive: str
    es: tuple
    es_gender: str


class Verb(NamedTuple):
    en: tuple  # base, third person, past, participle
    de: tuple  # singular and plural of the present, singular and plural of the past, participle
    de_prefix: str  # the part that a main clause moves to its end, or ""
    es: tuple


def _rows(table):
    return [[cell.split() for cell in line.split("|")] for line in table.strip().splitlines()]


def _nouns(kind, table):
    nouns = []
    for en, (de_class, *de), (es_gender, *es) in _rows(table):
        gender, weak = de_class[0], de_class.endswith("w")  # a weak masculine takes -n in all cases but the first
        oblique = de[1] if weak else de[0]
        genitive = de[2] if len(de) > 2 else oblique
        nouns.append(Noun(kind, tuple(en), tuple(de[:2]), gender, oblique, genitive, tuple(es), es_gender))
    return nouns


def _verbs(table):
    return [Verb(tuple(en), tuple(de[:5]), de[5] if len(de) > 5 else "", tuple(es)) for en, de, es in _rows(table)]


# German: gender (w: weak), singular, plural, genitive if it differs. Spanish: gender, singular, plural.
PERSONS = _nouns("person", """
man men             | m Mann Männer Mannes            | m hombre hombres
woman women         | f Frau Frauen                   | f mujer mujeres
child children      | n Kind Kinder Kindes            | m niño niños
girl girls          | n Mädchen Mädchen Mädchens      | f chica chicas
boy boys            | mw Junge Jungen                 | m chico chicos
teacher teachers    | m Lehrer Lehrer Lehrers         | m profesor profesores
doctor doctors      | m Arzt Ärzte Arztes             | m médico médicos
student students    | mw Student Studenten            | m estudiante estudiantes
queen queens        | f Königin Königinnen            | f reina reinas
king kings          | m König Könige Königs           | m rey reyes
neighbour neighbours | mw Nachbar Nachbarn            | m vecino vecinos
aunt aunts          | f Tante Tanten                  | f tía tías
uncle uncles        | m Onkel Onkel Onkels            | m tío tíos
sister sisters      | f Schwester Schwestern          | f hermana hermanas
brother brothers    | m Bruder Brüder Bruders         | m hermano hermanos
farmer farmers      | m Landwirt Landwirte Landwirts  | m granjero granjeros
painter painters    | f Malerin Malerinnen            | f pintora pintoras
interpreter interpreters | m Dolmetscher Dolmetscher Dolmetschers | m intérprete intérpretes
""")

THINGS = _nouns("thing", """
book books          | n Buch Bücher          | m libro libros
letter letters      | m Brief Briefe         | f carta cartas
house houses        | n Haus Häuser          | f casa casas
table tables        | m Tisch Tische         | f mesa mesas
lamp lamps          | f Lampe Lampen         | f lámpara lámparas
picture pictures    | n Bild Bilder          | m cuadro cuadros
apple apples        | m Apfel Äpfel          | f manzana manzanas
flower flowers      | f Blume Blumen         | f flor flores
key keys            | m Schlüssel Schlüssel  | f llave llaves
clock clocks        | f Uhr Uhren            | m reloj relojes
car cars            | n Auto Autos           | m coche coches
ship ships          | n Schiff Schiffe       | m barco barcos
coat coats          | m Mantel Mäntel        | m abrigo abrigos
bottle bottles      | f Flasche Flaschen     | f botella botellas
dog dogs            | m Hund Hunde           | m perro perros
cat cats            | f Katze Katzen         | f gata gatas
horse horses        | n Pferd Pferde         | m caballo caballos
bird birds          | m Vogel Vögel          | m pájaro pájaros
newspaper newspapers | f Zeitung Zeitungen   | m periódico periódicos
chair chairs        | m Stuhl Stühle         | f silla sillas
bag bags            | f Tasche Taschen       | f bolsa bolsas
knife knives        | n Messer Messer        | m cuchillo cuchillos
""")

PLACES = _nouns("thing", """
garden gardens      | m Garten Gärten        | m jardín jardines
city cities         | f Stadt Städte         | f ciudad ciudades
school schools      | f Schule Schulen       | f escuela escuelas
village villages    | n Dorf Dörfer          | m pueblo pueblos
forest forests      | m Wald Wälder          | m bosque bosques
kitchen kitchens    | f Küche Küchen         | f cocina cocinas
castle castles      | n Schloss Schlösser    | m castillo castillos
station stations    | m Bahnhof Bahnhöfe     | f estación estaciones
church churches     | f Kirche Kirchen       | f iglesia iglesias
office offices      | n Büro Büros           | f oficina oficinas
""")

# English: base, third person, past, participle. German: singular and plural of the present and of the past,
# participle, and a prefix that can be separated. Spanish: singular and plural of present and preterite, participle.
VERBS_FOR_THINGS = _verbs("""
buy buys bought bought           | kauft kaufen kaufte kauften gekauft                  | compra compran compró compraron comprado
sell sells sold sold             | verkauft verkaufen verkaufte verkauften verkauft     | vende venden vendió vendieron vendido
find finds found found           | findet finden fand fanden gefunden                   | encuentra encuentran encontró encontraron encontrado
lose loses lost lost             | verliert verlieren verlor verloren verloren          | pierde pierden perdió perdieron perdido
steal steals stole stolen        | stiehlt stehlen stahl stahlen gestohlen              | roba roban robó robaron robado
paint paints painted painted     | malt malen malte malten gemalt                       | pinta pintan pintó pintaron pintado
open opens opened opened         | macht machen machte machten aufgemacht auf           | abre abren abrió abrieron abierto
bring brings brought brought     | bringt bringen brachte brachten mitgebracht mit      | trae traen trajo trajeron traído
""")
VERBS_FOR_PERSONS = _verbs("""
call calls called called         | ruft rufen rief riefen angerufen an                  | llama llaman llamó llamaron llamado
invite invites invited invited   | lädt laden lud luden eingeladen ein                  | invita invitan invitó invitaron invitado
greet greets greeted greeted     | begrüßt begrüßen begrüßte begrüßten begrüßt          | saluda saludan saludó saludaron saludado
visit visits visited visited     | besucht besuchen besuchte besuchten besucht          | visita visitan visitó visitaron visitado
""")
VERBS_FOR_ALL = _verbs("""
see sees saw seen                | sieht sehen sah sahen gesehen                        | ve ven vio vieron visto
love loves loved loved           | liebt lieben liebte liebten geliebt                  | ama aman amó amaron amado
seek seeks sought sought         | sucht suchen suchte suchten gesucht                  | busca buscan buscó buscaron buscado
describe describes described described | beschreibt beschreiben beschrieb beschrieben beschrieben | describe describen describió describieron descrito
""")
VERBS_OF_GIVING = _verbs("""
give gives gave given            | gibt geben gab gaben gegeben                         | da dan dio dieron dado
show shows showed shown          | zeigt zeigen zeigte zeigten gezeigt                  | muestra muestran mostró mostraron mostrado
send sends sent sent             | schickt schicken schickte schickten geschickt        | envía envían envió enviaron enviado
""")
VERBS_ALONE = _verbs("""
work works worked worked         | arbeitet arbeiten arbeitete arbeiteten gearbeitet    | trabaja trabajan trabajó trabajaron trabajado
sleep sleeps slept slept         | schläft schlafen schlief schliefen geschlafen        | duerme duermen durmió durmieron dormido
wait waits waited waited         | wartet warten wartete warteten gewartet              | espera esperan esperó esperaron esperado
play plays played played         | spielt spielen spielte spielten gespielt             | juega juegan jugó jugaron jugado
sing sings sang sung             | singt singen sang sangen gesungen                    | canta cantan cantó cantaron cantado
""")
VERBS_OF_SAYING = _verbs("""
say says said said               | sagt sagen sagte sagten gesagt                       | dice dicen dijo dijeron dicho
know knows knew known            | weiß wissen wusste wussten gewusst                   | sabe saben supo supieron sabido
believe believes believed believed | glaubt glauben glaubte glaubten geglaubt           | cree creen creyó creyeron creído
""")
BE = Verb(("be", "is", "was", "been"), ("ist", "sind", "war", "waren", "gewesen"), "", ("es", "son", "era", "eran", "sido"))
COST = Verb(("cost", "costs", "cost", "cost"), ("kostet", "kosten", "kostete", "kosteten", "gekostet"), "",
            ("cuesta", "cuestan", "costó", "costaron", "costado"))

# English, German stem (an inflected form is stem + ending), German as a predicate, Spanish masculine singular.
ADJECTIVES = [tuple(line.split()) for line in """
old alt alt viejo
new neu neu nuevo
small klein klein pequeño
big groß groß grande
beautiful schön schön hermoso
expensive teur teuer caro
cheap billig billig barato
red rot rot rojo
white weiß weiß blanco
black schwarz schwarz negro
strange seltsam seltsam extraño
famous berühmt berühmt famoso
round rund rund redondo
heavy schwer schwer pesado
quick schnell schnell rápido
strong stark stark fuerte
""".strip().splitlines()]

ADVERBS = [("often", "oft", "a menudo"), ("always", "immer", "siempre"), ("rarely", "selten", "raras veces"),
           ("sometimes", "manchmal", "a veces")]
PREPOSITIONS = [("in", "in", "en"), ("behind", "hinter", "detrás de"), ("next to", "neben", "junto a"),
                ("in front of", "vor", "delante de")]
CONJUNCTIONS = [("because", "weil", "porque"), ("although", "obwohl", "aunque"), ("while", "während", "mientras")]

MONTHS = [tuple(line.split()) for line in """
January Januar enero
February Februar febrero
March März marzo
April April abril
May Mai mayo
June Juni junio
July Juli julio
August August agosto
September September septiembre
October Oktober octubre
November November noviembre
December Dezember diciembre
""".strip().splitlines()]
WEEKDAYS = [tuple(line.split()) for line in """
Monday Montag lunes
Tuesday Dienstag martes
Wednesday Mittwoch miércoles
Thursday Donnerstag jueves
Friday Freitag viernes
Saturday Samstag sábado
Sunday Sonntag domingo
""".strip().splitlines()]
