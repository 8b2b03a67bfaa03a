#include <iconv.h>

/* Where libxml2 was built with ICU its headers bring ICU's, whose types clash with the copy of ICU inside Foundation.
   Only the layout of xmlCharEncodingHandler depends on it, and nothing here looks into that. */
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlreader.h>
