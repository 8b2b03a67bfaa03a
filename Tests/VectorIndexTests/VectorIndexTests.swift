import Testing

import VectorIndex
