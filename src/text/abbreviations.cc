#include "text/abbreviations.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace dragoman {
namespace {

/// Words separated by single spaces.
struct Words {
  std::string_view language;
  std::string_view abbreviations;   // never the end
  std::string_view before_numbers;  // not the end before a number
  std::string_view may_end;         // the end before a capital
};

constexpr std::array<Words, 15> lists{{
    {"en",
     "mr mrs ms messrs mmes dr prof rev fr hon gen col maj capt cmdr lt sgt cpl pvt adm gov sen rep pres st mt ft "
     "vs viz cf e.g i.e eg ie ca approx dept univ assn bros ave blvd rd ph.d u.s u.k u.n al incl excl esp resp",
     "no nos art vol vols ch chap sec fig figs eq eqs p pp par para ed eds tab thm jan feb mar apr jun jul aug sep "
     "sept "
     "oct nov dec",
     "etc inc ltd co corp jr sr a.m p.m am pm est b.c a.d"},
    {"de",
     "hr fr frl dr prof dipl ing dipl.-ing mag med phil jur rer nat hon st str bzw ca evtl ggf inkl exkl insb bes vgl "
     "z.b z.t u.a d.h i.d.r i.a o.ä u.ä s.o s.u v.a v.chr n.chr sog geb gest verh allg abs ausg bd bde hrsg kap "
     "mio mrd mind tel usf zzgl zz zit ggü gegr jh nr wg einschl entspr gem lt mfg od vorm nachm österr dt engl frz",
     "nr art abs s kap abb tab max min bd jan feb mär apr jun jul aug sep sept okt nov dez mo di mi do sa so",
     "usw etc co u.v.m"},
    {"fr",
     "m mm mme mmes mlle mlles dr pr prof st ste p.ex c.-à-d env max min tél bd av boul cf ex éd hab chap apr "
     "av.j.-c apr.j.-c i.e vs",
     "n no art p pp vol chap fig tab janv févr avr juil sept oct nov déc", "etc co"},
    {"es",
     "sr sra sres sras srta d dña dr dra prof profa ing lic arq gral cnel tte cap sto sta av avda c ud uds vd vds p.ej "
     "ej aprox tel máx mín ee.uu a.c d.c cf vs",
     "núm nº art pág págs p pp vol cap fig ene feb abr jun jul ago sept oct nov dic", "etc cía s.a"},
    {"pt",
     "sr sra srs sras srta dr dra prof profa eng arq gen cel cap ten sgto st sto sta av r d exmo exma v.exa p.ex ex "
     "aprox tel máx mín a.c d.c cf vs",
     "n nº núm art pág págs p pp vol cap fig jan fev abr jun jul ago set out nov dez", "etc cia ltda s.a"},
    {"it",
     "sig sigg sig.ra sig.na sigra dott dott.ssa prof prof.ssa ing avv arch on gen col cap ten mons s st v.le p.zza "
     "c.so "
     "es p.es ad.es ca tel max min cfr a.c d.c vs",
     "n num art pag pagg p pp vol cap fig gen feb mar apr mag giu lug ago set ott nov dic", "ecc etc s.p.a s.r.l"},
    {"nl",
     "dhr mevr mw mej dr drs ir ing mr prof ds st bijv bv d.w.z d.m.v o.a m.a.w m.b.t t.o.v i.v.m n.a.v z.g ca evt "
     "excl "
     "incl max min resp tel vgl zgn a.u.b blz",
     "nr art blz p pp vol hfst fig jan feb mrt apr jun jul aug sep sept okt nov dec", "enz etc e.d e.a"},
    {"ru",
     "г гг в вв ул д кв корп стр просп пл р-н обл тел проф акад доц канд т.е т.д т.п т.к т.н т.о см ср "
     "напр др пр руб коп тыс млн млрд сокр англ нем фр лат",
     "с стр рис табл гл п пп ст т № янв фев мар апр июн июл авг сен сент окт ноя дек", "т.д т.п др гг н.э"},
    {"pl",
     "p dr hab prof mgr inż lek gen płk mjr kpt por ks św ul al pl os m.in np tzn tzw tj tel r w zob por wg ww "
     "ur zm woj pow gm",
     "nr ok art poz s str ust pkt rozdz rys tab t", "itd itp in r tys mln mld"},
    {"cs",
     "p pí sl dr mgr ing bc prof doc rndr mudr judr phdr csc gen plk mjr kpt sv ul nám tř tzn tzv tj např mj popř příp "
     "resp tel cca zn viz př.n.l n.l",
     "č čís čl odst s str obr tab sv roč", "atd apod aj mil tis mld"},
    {"sv", "hr fr dr prof ing st bl.a t.ex d.v.s dvs t.o.m fr.o.m m.fl o.d ca resp kl tel ev inkl exkl jfr",
     "nr s sid kap art bd fig tab jan feb mar apr jun jul aug sep sept okt nov dec", "osv m.m etc"},
    {"da", "hr fr dr prof ing st bl.a f.eks dvs d.v.s ca kl tel evt inkl ekskl jf pga mht vedr mr",
     "nr s kap art bd fig tab jan feb mar apr jun jul aug sep sept okt nov dec", "osv m.m m.fl etc"},
    {"nb", "hr fr dr prof ing st bl.a f.eks dvs d.v.s ca kl tel evt inkl ekskl jf pga mht vedr",
     "nr s kap art bd fig tab jan feb mar apr jun jul aug sep sept okt nov des", "osv m.m m.fl etc"},
    {"fi", "hra rva tri dr prof ins st esim ts mm ym ks vrt tms n ns nk klo puh os", "nro s luku kuva", "jne yms ym"},
    {"", "mr mrs ms dr prof st gen sen e.g i.e cf vs ca tel max min", "no nr art vol fig p pp s", "etc co inc ltd"},
}};

bool contains(std::string_view words, std::string_view word) {
  for (std::size_t found = words.find(word); found != std::string_view::npos; found = words.find(word, found + 1)) {
    const std::size_t end = found + word.size();
    if ((found == 0 || words[found - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
  }
  return false;
}

}  // namespace

PointAfter point_after(std::string_view word, std::string_view language) {
  if (word.empty() || word.find(' ') != std::string_view::npos) return PointAfter::word;
  if (language == "no" || language == "nn") language = "nb";
  const auto list = std::find_if(lists.begin(), lists.end(), [&](const Words& l) { return l.language == language; });
  const Words& words = list == lists.end() ? lists.back() : *list;
  if (contains(words.may_end, word)) return PointAfter::may_end;
  if (contains(words.abbreviations, word)) return PointAfter::abbreviation;
  if (contains(words.before_numbers, word)) return PointAfter::before_number;
  return PointAfter::word;
}

bool has_ordinal_points(std::string_view language) {
  return contains("de da nb nn no fi cs sk sl hr sr bs me hu et lv is fo tr pl lb eu ka", language);
}

}  // namespace dragoman
