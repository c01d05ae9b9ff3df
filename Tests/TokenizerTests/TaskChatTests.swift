import Core
import Testing

@testable import Tokenizer

struct TaskChatTests {
    private func prompt(_ turns: [(String, String)]) -> String {
        let rendered = TaskChat.render(turns.map { ChatMessage(role: $0.0, content: $0.1) })
        // Nothing in it is a template's, where special tokens would be looked for.
        #expect(rendered.templateRanges.isEmpty)
        return rendered.text
    }

    @Test("a single question is the prompt that the model was trained with, also where it is one already")
    func question() {
        #expect(prompt([("user", "Where is Lima?")]) == Question.prompt("Where is Lima?"))
        for template in PromptTemplate.allCases {
            #expect(prompt([("user", template.prompt("x"))]) == template.prompt("x"))
        }
    }

    @Test("earlier turns stand before it in order, each question with its answer, and what the system says before all")
    func turns() {
        let chat = [
            ("user", "Where is Lima?"), ("assistant", "In Peru."), ("system", "Be brief."), ("user", "And Quito?"),
        ]
        #expect(prompt(chat) == "Be brief.\nQ: Where is Lima? A: In Peru.\nQ: And Quito? A:")
        #expect(prompt([("assistant", "Hello."), ("user", "a"), ("user", "b")]) == "Hello.\nQ: a A:\nQ: b A:")
    }

    @Test("an answer that was begun is gone on with")
    func begun() {
        #expect(prompt([("user", "Where is Lima?"), ("assistant", "In")]) == "Q: Where is Lima? A: In")
    }
}
