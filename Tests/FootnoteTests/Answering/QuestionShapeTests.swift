import Testing

import Footnote

@Suite struct QuestionShapeTests {
    @Test(arguments: [
        ("Who built the lamp?", QuestionShape.fact), ("How many steps are there?", .fact), ("When is it lit?", .fact),
        ("In which year was it built?", .fact), ("What is the port of the server?", .fact), ("Name the first keeper.", .fact),
        ("How do I rotate the keys?", .steps), ("How can a volunteer claim expenses?", .steps),
        ("What steps are needed to restore?", .steps), ("Why is there no latest tag?", .reason),
        ("What is the reason for the delay?", .reason), ("What happens when the disk is full?", .reason),
        ("How come it failed?", .reason), ("Explain the retention rule", .reason),
        ("What are the supported formats?", .list), ("What kinds of tea are there?", .list), ("List all ports", .list),
        ("What are the odds?", .list), ("Is it free?", .yesNo), ("Does the server need a database?", .yesNo),
        ("Can I ask who built it?", .yesNo), ("key rotation", .open), ("How did the party win?", .open), ("", .open),
        ("为什么周一闭馆？", .reason), ("怎么预约？", .steps), ("有哪些展厅？", .list), ("门票多少钱？", .fact), ("可以带狗吗？", .yesNo),
        ("谁建立了茶馆？", .fact), ("开放时间", .open),
    ])
    func firstWordsTell(question: String, shape: QuestionShape) {
        #expect(QuestionShape(question) == shape)
    }
}
