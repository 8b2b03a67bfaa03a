/// Words that say the opposite of each other: putting one for the other turns a statement round.
enum Opposites {
    /// One end of a pair.
    struct Pole: Hashable, Sendable {
        var pair: Int
        /// The first or the second side of the pair.
        var isFirst: Bool

        var opposite: Pole { Pole(pair: pair, isFirst: !isFirst) }
    }

    /// Poles of a word; several when it has several opposites.
    static func poles(of token: StatementToken) -> [Pole] { byWord[token.lower] ?? byKey[token.key] ?? [] }

    /// Whether two words are opposites of each other, made by a prefix (`safe`, `unsafe`) or listed.
    static func areOpposite(_ a: StatementToken, _ b: StatementToken) -> Bool {
        if isDenial(b.lower, of: a.lower) || isDenial(a.lower, of: b.lower) { return true }
        let other = Set(poles(of: b))
        return poles(of: a).contains { other.contains($0.opposite) }
    }

    private static func isDenial(_ word: String, of base: String) -> Bool {
        guard base.count >= 4, word.count > base.count, word.hasSuffix(base) else { return false }
        return ["un", "in", "im", "ir", "il", "dis", "non", "non-"].contains(String(word.dropLast(base.count)))
    }

    /// Words whose opposite only counts when the same thing stands beside both: "before lunch", "after lunch".
    static let governing: Set<String> = ["before", "after", "above", "below", "over", "under", "up", "down", "more", "less", "inside", "outside"]

    /// Chinese words, which are looked for within the text.
    static let chinese: [([String], [String])] = [
        (["增加", "上升", "增长", "提高", "上涨"], ["减少", "下降", "降低", "下跌", "缩减"]), (["之前", "以前"], ["之后", "以后"]), (["大于", "高于", "多于"], ["小于", "低于", "少于"]),
        (["最大", "最多", "最高"], ["最小", "最少", "最低"]), (["第一", "首任", "首个", "最早"], ["最后", "末任", "最晚"]),
        (["允许", "准许"], ["禁止", "严禁", "不得"]), (["东边", "东部", "东侧"], ["西边", "西部", "西侧"]), (["南边", "南部", "南侧"], ["北边", "北部", "北侧"]),
        (["左"], ["右"]), (["打开", "开启", "启用", "开门"], ["关闭", "停用", "禁用", "关门", "闭馆"]), (["成功"], ["失败"]), (["接受", "同意"], ["拒绝", "反对"]),
        (["进口"], ["出口"]), (["开始"], ["结束"]), (["买入", "购买"], ["卖出", "出售"]), (["免费"], ["收费", "付费"]), (["加入"], ["退出"]),
    ]

    private static let verbs = """
        increase rise grow climb gain / decrease fall drop decline shrink reduce diminish
        enable activate / disable deactivate|allow permit / prohibit forbid ban disallow|accept / reject refuse decline
        open / close shut|lock / unlock|connect / disconnect|attach / detach|win / lose|succeed / fail|buy / sell
        import / export|add / remove subtract delete|start begin / stop end finish cease|arrive / depart|enter / exit
        include / exclude|encrypt / decrypt|compress / decompress|install / uninstall|push / pull|raise / lower
        expand / contract|borrow / lend|attack / defend|accelerate / slow decelerate|strengthen / weaken|heat / cool
        freeze / thaw melt|appear / disappear|agree / disagree|approve / disapprove reject|love like / hate dislike
        remember / forget|mount / unmount|load / unload|grant / deny revoke|hire / fire|fill / empty|advance / retreat
        """
    private static let adjectives = """
        high / low|long / short|large big / small little|wide broad / narrow|deep / shallow|thick / thin|heavy / light
        strong / weak|fast quick / slow|early / late|old / young new|hot warm / cold cool|dry / wet|hard / soft|rich / poor
        good / bad|safe / dangerous|easy / difficult|near / far|full / empty|public / private|true / false|bright / dark
        cheap / expensive|clean / dirty|simple / complex|alive / dead|loud / quiet|rough / smooth|sharp / blunt
        """
    private static let exact = """
        first / last|maximum max / minimum min|upper / lower|left / right|before / after|above / below|over / under|up / down
        more / less fewer|north northern / south southern|east eastern / west western|inside / outside|internal / external
        always / never|everyone everybody / nobody|most / least|top / bottom|front / back rear|positive / negative
        male / female|mandatory required compulsory / optional voluntary|temporary / permanent|vertical / horizontal
        ascending / descending|odd / even|majority / minority|better / worse|best / worst|open / closed shut|on / off
        presence / absence|major / minor|advantage / disadvantage|success / failure|victory / defeat|buyer / seller|winner / loser
        husband / wife|father / mother|son / daughter|brother / sister|morning / evening|day / night|summer / winter
        increase rise growth / decrease fall drop decline|entrance / exit|arrival / departure|parent / child
        """

    private static let tables = makeTables()
    private static var byWord: [String: [Pole]] { tables.words }
    private static var byKey: [String: [Pole]] { tables.keys }

    private static func makeTables() -> (words: [String: [Pole]], keys: [String: [Pole]]) {
        var words: [String: [Pole]] = [:], keys: [String: [Pole]] = [:]
        var pair = 0
        func sides(_ text: String) -> [[[String]]] {
            text.split(whereSeparator: { $0 == "|" || $0 == "\n" }).map { entry in
                entry.split(separator: "/").map { $0.split(separator: " ").map(String.init) }
            }
        }
        func note(_ word: String, _ isFirst: Bool, _ table: inout [String: [Pole]]) {
            let pole = Pole(pair: pair, isFirst: isFirst)
            if table[word]?.contains(pole) != true { table[word, default: []].append(pole) }
        }
        for entry in sides(verbs) where entry.count == 2 {
            for (side, names) in entry.enumerated() { names.forEach { note(Wording.key(ofWord: $0), side == 0, &keys) } }
            pair += 1
        }
        for entry in sides(adjectives) where entry.count == 2 {
            for (side, names) in entry.enumerated() {
                names.flatMap(degrees).forEach { note($0, side == 0, &words) }
            }
            pair += 1
        }
        for entry in sides(exact) where entry.count == 2 {
            for (side, names) in entry.enumerated() { names.forEach { note($0, side == 0, &words) } }
            pair += 1
        }
        // A word of a later list keeps what the lists before say of its key.
        for word in words.keys.sorted() {
            for pole in keys[Wording.key(ofWord: word)] ?? [] where words[word]?.contains(pole) != true {
                words[word, default: []].append(pole)
            }
        }
        return (words, keys)
    }

    /// `big`, `bigger`, `biggest`.
    private static func degrees(_ adjective: String) -> [String] {
        if adjective == "good" || adjective == "bad" { return [adjective] }
        var base = adjective
        if base.hasSuffix("e") {
            base.removeLast()
        } else if base.hasSuffix("y"), base.count > 3 {
            base = base.dropLast() + "i"
        } else if base.count <= 4, let last = base.last, !"aeiouwyl".contains(last), base.dropLast().last.map({ "aeiou".contains($0) }) ?? false,
            base.dropLast(2).last.map({ !"aeiou".contains($0) }) ?? false
        {
            base.append(last)
        }
        return [adjective, base + "er", base + "est"]
    }
}
