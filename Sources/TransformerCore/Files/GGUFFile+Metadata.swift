extension GGUFFile {
    /// `general.architecture`: which keys and tensors to expect.
    package func architecture() throws(ModelFileError) -> String {
        try requiredString("general.architecture")
    }

    package func requiredString(_ key: String) throws(ModelFileError) -> String {
        guard let value = metadata[key] else { throw .missingMetadata(file: path, key: key, expected: "a string") }
        guard let string = value.string else { throw invalid(key, value, "a string") }
        return string
    }

    /// An integer that must lie in `range`.
    package func requiredInt(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int {
        guard let value = try optionalInt(key, in: range) else {
            throw .missingMetadata(file: path, key: key, expected: "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }

    /// An integer that must lie in `range` if it is there.
    package func optionalInt(_ key: String, in range: ClosedRange<Int>) throws(ModelFileError) -> Int? {
        guard let value = metadata[key] else { return nil }
        guard let int = value.int, range.contains(int) else {
            throw invalid(key, value, "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return int
    }

    /// A finite number that must lie in `range` if it is there.
    package func optionalNumber(_ key: String, in range: ClosedRange<Double>) throws(ModelFileError) -> Double? {
        guard let value = metadata[key] else { return nil }
        guard let number = value.double, range.contains(number) else {
            throw invalid(key, value, "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func invalid(_ key: String, _ value: GGUFValue, _ expected: String) -> ModelFileError {
        .invalidMetadata(file: path, key: key, found: value.description, expected: expected)
    }
}
