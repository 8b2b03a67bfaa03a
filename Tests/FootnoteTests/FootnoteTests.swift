import Testing

import Footnote
