import Testing

import TransformerCore
