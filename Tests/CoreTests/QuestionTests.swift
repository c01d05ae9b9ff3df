import Testing

@testable import Core

struct QuestionTests {
    @Test(
        "the words of a prompt are what stands in the template, and all of any other prompt",
        arguments: [
            ("Q: Who was it? A:", "Who was it?"), ("Q:  A:", ""), ("Q: A:", "Q: A:"), ("Who was it?", "Who was it?"),
            ("Q: Who was it?", "Q: Who was it?"), ("", ""), ("Q: Q: twice A: A:", "Q: twice A:"),
            ("Is this statement true? Oslo is big. A:", "Oslo is big."),
            ("Is this statement true? A:", "Is this statement true? A:"),
            (PromptTemplate.relation.prompt("Oslo [SEP] country"), "Oslo  country"),
            (PromptTemplate.mention.prompt("in [START] Oslo [END] now"), "in  Oslo  now"),
        ])
    func words(prompt: String, words: String) {
        #expect(Question.words(ofPrompt: prompt) == words)
    }
}
