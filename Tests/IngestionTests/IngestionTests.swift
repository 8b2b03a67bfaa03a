import Testing

import Ingestion
