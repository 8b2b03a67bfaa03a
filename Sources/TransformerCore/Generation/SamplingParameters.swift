/// How the next token is chosen. The defaults are greedy: the most likely token, the lowest id among equals.
package struct SamplingParameters: Sendable, Equatable {
    /// Divides logits before they become probabilities; 0 chooses the most likely token and ignores the rest below
    /// but for the repetition penalty.
    package var temperature: Double = 0
    /// Keeps this many of the most likely tokens; 0 keeps all.
    package var topK: Int = 0
    /// Keeps the fewest of the most likely tokens whose probabilities reach this sum (Holtzman et al. 2020,
    /// arXiv:1904.09751); 1 keeps all.
    package var topP: Double = 1
    /// Keeps tokens at least this fraction as likely as the most likely one (Nguyen et al. 2024, arXiv:2407.01082).
    package var minP: Double = 0
    /// Divides positive logits of tokens in the window and multiplies negative ones (Keskar et al. 2019,
    /// arXiv:1909.05858); 1 does nothing.
    package var repetitionPenalty: Double = 1
    /// How many of the last tokens count as repeated.
    package var repetitionWindow: Int = 64
    package var seed: UInt64 = 0

    package init() {}

    /// Throws `GenerationError.invalidOption` for a value that means nothing.
    package func validate() throws(GenerationError) {
        func check(_ holds: Bool, _ name: String, _ value: Any, _ expected: String) throws(GenerationError) {
            if !holds { throw .invalidOption(name: name, value: "\(value)", expected: expected) }
        }
        try check(temperature >= 0 && temperature.isFinite, "temperature", temperature, "0 or more")
        try check(topK >= 0, "top-k", topK, "0 or more")
        try check(topP > 0 && topP <= 1, "top-p", topP, "more than 0, at most 1")
        try check(minP >= 0 && minP <= 1, "min-p", minP, "from 0 to 1")
        try check(
            repetitionPenalty > 0 && repetitionPenalty.isFinite, "repetition penalty", repetitionPenalty, "more than 0")
        try check(repetitionWindow >= 0, "repetition window", repetitionWindow, "0 or more")
    }
}
