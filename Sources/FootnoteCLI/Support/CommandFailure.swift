/// Something a person can act on: one line that says what went wrong, where, and what to do.
struct CommandFailure: Error, CustomStringConvertible {
    var problem: String
    var advice: String?
    var status: ExitStatus

    init(_ problem: String, advice: String? = nil, status: ExitStatus = .failure) {
        self.problem = problem
        self.advice = advice
        self.status = status
    }

    var description: String { advice.map { "\(problem). \($0)" } ?? problem }
}
