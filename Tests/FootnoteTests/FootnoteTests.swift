import Testing

@testable import Footnote
