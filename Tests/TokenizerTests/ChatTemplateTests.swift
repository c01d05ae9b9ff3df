import Core
import Foundation
import TestSupport
import Testing

@testable import Tokenizer

/// The language of templates, on small ones. Expected texts are jinja2's, set as `transformers` sets it
/// (`trim_blocks`, `lstrip_blocks`, loop controls).
struct ChatTemplateTests {
    /// 29 November 2026, 08:15:30 UTC.
    private let time = WallTime(nanoseconds: 1_795_940_130_000_000_000)

    private let chat = [
        ChatMessage(role: "system", content: " Be brief. "), ChatMessage(role: "user", content: "Où?"),
        ChatMessage(role: "assistant", content: "<think>\nhm\n</think>\n\nLà."),
        ChatMessage(role: "user", content: "a<s>b"),
    ]

    private func render(_ template: String, _ messages: [ChatMessage]? = nil) throws -> String {
        try ChatTemplate(template, name: "test").render(messages ?? chat, at: time).text
    }

    @Test(
        "expressions have the values that they have in Jinja",
        arguments: [
            ("{{ 7 // 2 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 2 + 3 * 4 - 1 }} {{ (2 + 3) * 4 }}", "3 -4 2 13 20"),
            ("{{ 1 < 2 <= 2 }} {{ 'b' > 'a' }} {{ 1 == true }} {{ none == false }}", "True True True False"),
            ("{{ 'a' 'b' ~ 1 ~ none ~ true }} {{ 'x' + 'y' }}", "ab1NoneTrue xy"),
            (
                "{{ 'ell' in 'hello' }} {{ 3 not in [1, 2] }} {{ 'a' in {'a': 1} }} {{ 'a' in missing }}",
                "True True True False"
            ),
            ("{{ not 1 == 2 }} {{ 0 or 'x' }} {{ '' and 'y' }}|{{ none or missing }}|", "True x ||"),
            ("{{ 'a' if false else 'b' }} {{ 'a' if false }}|", "b |"),
            (
                "{{ 'abcde'[1:3] }} {{ 'abc'[::-1] }} {{ 'abc'[-1] }} {{ [1, 2, 3][5] }}| {{ 'abcde'[:-1:2] }}",
                "bc cba c | ac"
            ),
            (
                "{{ x is defined }} {{ x is not defined }} {{ messages is sequence }} {{ messages[0] is mapping }}",
                "False True True True"
            ),
            (
                "{{ 'a' is string }} {{ none is none }} {{ true is true }} {{ 3 is iterable }} {{ x is undefined }}",
                "True True True False True"
            ),
            (
                "{{ ' a b '.strip() }}|{{ 'xxaxx'.lstrip('x') }}|{{ 'xxaxx'.rstrip('x') }}|{{ 'a,b,c'.split(',')[-1] }}",
                "a b|axx|xxa|c"
            ),
            ("{{ ' a  b '.split() | join('-') }} {{ 'a,b,c'.split(',', 1) | last }}", "a-b b,c"),
            (
                "{{ 'hello wOrld'.title() }} {{ 'aB'.upper() }} {{ 'aB' | lower }} {{ 'aba' | replace('a', 'cc') }}",
                "Hello World AB ab ccbcc"
            ),
            (
                "{{ 'abc'.startswith('ab') }} {{ 'abc'.endswith('bc') }} {{ 'abc' | length }} {{ missing | length }}",
                "True True 3 0"
            ),
            ("{{ missing | default('d') }} {{ '' | default('d') }}| {{ '' | default('d', true) }}", "d | d"),
            (
                "{{ {'a': [1, 'x\"\n', none, true]} | tojson }} {{ 'é' | tojson }}",
                "{\"a\": [1, \"x\\\"\\n\", null, true]} \"é\""
            ),
            (
                "{{ [1, 2] | first }} {{ [1, 2] | last }} {{ '12' | int + 1 }} {{ 'x' | int }} {{ 5 | string + '!' }}",
                "1 2 13 0 5!"
            ),
            ("{{ {'a': 1}.get('b') }} {{ {'a': 1}.get('b', 2) }} {{ {'a': 1}.a }} {{ {'a': 1}['b'] }}|", "None 2 1 |"),
            ("{{ strftime_now('%d %b %Y, %H:%M') }}", "29 Nov 2026, 08:15"),
            ("{{ '\\u00e9\\n\\x41\\q' }}", "é\nA\\q"),
            ("{{ ' x ' | trim | upper }}{# no {{ text }} #}!", "X!"),
            (
                "{{ 1.5 }} {{ 7 / 2 }} {{ 7.0 // 2 }} {{ -7.5 % 2 }} {{ 2 * 1.25 }} {{ 1 + 0.5 }} {{ 4 / 2 }}",
                "1.5 3.5 3.0 0.5 2.5 1.5 2.0"
            ),
            (
                "{{ 1.0 == 1 }} {{ 0.5 < 1 }} {{ 2 >= 2.5 }} {{ 1.0 in [1] }} {{ 'x' if 0.0 else 'y' }} {{ 1.5 is float }} {{ 1.5 is number }} {{ 1 is float }}",
                "True True False True y True True False"
            ),
            (
                "{{ '1.5' | float + 1 }} {{ 2.567 | round(1) }} {{ 2.5 | round }} {{ -3 | abs }} {{ 1.9 | int }} {{ [0.5, 1] | tojson }} {{ 0.1 + 0.2 }}",
                "2.5 2.6 2.0 3 1 [0.5, 1] 0.30000000000000004"
            ),
            (
                "{{ 4 is even }} {{ 3 is odd }} {{ 2 is equalto 2 }} {{ 2 is ne(3) }} {{ 1 is in [1, 2] }} {{ 9 is divisibleby 3 }} {{ true is sameas true }} {{ 1 is sameas true }} {{ 2 is gt 1 and 2 is not lt 1 }}",
                "True True True True True True True False True"
            ),
            (
                "{{ messages | selectattr('role', 'equalto', 'user') | map(attribute='content') | join('|') }}",
                "Où?|a<s>b"
            ),
            (
                "{{ messages | rejectattr('role', 'in', ['user', 'system']) | map(attribute='role') | list | tojson }} {{ (messages | selectattr('tool_calls', 'undefined') | list) | length }} {{ messages | selectattr('tool_calls', 'defined') | list | length }}",
                "[\"assistant\"] 4 0"
            ),
            (
                "{{ [1, 0, 2] | select | list | tojson }} {{ [1, 2, 3] | reject('equalto', 2) | join(', ') }} {{ [1, 2, 3, 4] | select('>=', 3) | list | tojson }} {{ messages | selectattr('content') | list | length }}",
                "[1, 2] 1, 3 [3, 4] 4"
            ),
            (
                "{{ [1, 2, 1] | unique | list | tojson }} {{ 'abc' | reverse }} {{ [1, 2] | reverse | list | tojson }} {{ 'heLLo wOrld' | capitalize }} {{ 'a<b' | safe }}",
                "[1, 2] cba [2, 1] Hello world a<b"
            ),
            ("{{ messages | map(attribute='name', default='-') | join }}", "----"),
        ])
    func expressions(template: String, expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test(
        "statements write what they write in Jinja",
        arguments: [
            (
                "{% for m in messages %}{{ loop.index0 }}{{ m.role[0] }}{% if not loop.last %},{% endif %}{% endfor %}",
                "0s,1u,2a,3u"
            ),
            (
                "{% for m in messages if m['role'] == 'user' %}{{ loop.index }}/{{ loop.length }} {% else %}none{% endfor %}",
                "1/2 2/2 "
            ),
            ("{% for m in [] %}x{% else %}none{% endfor %}", "none"),
            ("{% for k, v in {'a': 1, 'b': 2}.items() %}{{ k }}{{ v }}{% endfor %}", "a1b2"),
            ("{% set x = 1 %}{% for i in range(3) %}{% set x = x + i %}{{ x }}{% endfor %}{{ x }}", "1231"),
            (
                "{% set ns = namespace(n=0) %}{% for i in range(1, 8, 3) %}{% set ns.n = ns.n + i %}{% endfor %}{{ ns.n }}",
                "12"
            ),
            (
                "{% for i in range(9) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
                "023"
            ),
            ("{% if 0 %}a{% elif 1 %}b{% else %}c{% endif %}", "b"),
            ("{% set x %}a{{ 1 }}{% endset %}{{ x ~ x }}", "a1a1"),
            ("a\n  {% if true %}\n  b\n  {%- endif %}\n c \n", "a\n  b c "),
            ("a {{- 'b' -}} \n c\n{%+ if true -%} \n d {% endif +%}\ne", "abc\nd \ne"),
            ("  {% generation %}x{% endgeneration %}  {# c #}\n y", "x   y"),
            ("x\n    {# alone #}\ny\r\nz", "x\ny\nz"),
            (
                "{% macro f(a, b='x', c=none) %}<{{ a }}{{ b }}{{ c }}>{% endmacro %}{{ f(1) }}{{ f(1, 2) }}{{ f(b=3, a=4) }}{{ f() }}",
                "<1xNone><12None><43None><xNone>"
            ),
            (
                "{% set y = 5 %}{% macro g() %}{{ y }}{{ z }}{% endmacro %}{% for z in [1, 2] %}{{ g() }}{% endfor %}",
                "55"
            ),
            (
                "{%- macro h(n) -%}{{ n }}{% if n > 0 %}{{ h(n - 1) }}{% endif %}{%- endmacro -%}{{ h(3) | upper }} {{ 'b' ~ h(0) }}",
                "3210 b0"
            ),
            (
                "{% macro m(x) %}\n  [{{ x.role }}]\n{% endmacro %}{% for m1 in messages %}{{ m(m1) }}{% endfor %}",
                "  [system]\n  [user]\n  [assistant]\n  [user]\n"
            ),
            ("{% if false %}{{ x | wordwrap(3) }}{{ x is filter }}{% endif %}ok", "ok"),
            (
                "{% for m in messages %}{% if loop.previtem is defined and loop.previtem.role == 'system' %}1{% endif %}{% if loop.nextitem is not defined %}end{% else %}{{ loop.nextitem.role[0] }}{% endif %}{% endfor %}",
                "u1auend"
            ),
            (
                "{% macro outer() %}{% for i in range(2) %}{{ inner(i) }}{% endfor %}{% endmacro %}{% macro inner(i) %}{{ i }};{% endmacro %}{{ outer() }}",
                "0;1;"
            ),
        ])
    func statements(template: String, expected: String) throws {
        #expect(try render(template) == expected)
    }

    @Test(
        "what is wrong is said with its line",
        arguments: [
            ("a\n{{ 1 + }}", "line 2"), ("{% for %}", "a name is expected"), ("{% if 1 %}", "ends before"),
            ("{{ 'a }}", "a string has no end"), ("{{ 1 ", "is missing at the end"), ("{# x", "#} ends it"),
            ("{% call f() %}{% endcall %}", "{% call %} is not supported"), ("{{ 1 | sum }}", "the filter sum"),
            ("{{ 1 is escaped }}", "the test escaped"), ("{{ 1e5 }}", "is no number that is supported"),
            ("{% macro f(a) %}{% endmacro %}{{ f(1, 2) }}", "f takes a"), ("{% macro f(a) %}", "ends before endmacro"),
            ("{% macro f(a) %}{{ f(a) }}{% endmacro %}{{ f(1) }}", "macros call one another"),
            ("{{ 1.5 / 0 }}", "cannot be divided"), ("{{ 1 is equalto }}", "takes a value"),
            ("{{ [1] | select('eq') }}", "the value that it compares with"), ("{{ [1] | map('upper') }}", "attribute"),
            ("{{ 'a' + 1 }}", "cannot be applied"),
            ("{{ 9223372036854775807 + 1 }}", "64 bits"), ("{{ 1 // 0 }}", "cannot be divided"),
            ("{{ (0 - 9223372036854775807 - 1) % -1 }}", "cannot be divided"), ("{{ x.y.z }}", "x is undefined"),
            ("{{ messages }}", "use tojson"),
            ("{{ raise_exception('no ' ~ 'way') }}", "refuses these messages: no way"),
            ("{{ 'abc'[::0] }}", "step is 0"), ("{{ x() }}", "cannot be called"), ("{{ ]", "closes nothing"),
            ("{{ strftime_now('%Q') }}", "strftime_now supports"), ("{{ 'a'.split('') }}", "separator is empty"),
        ])
    func problems(template: String, message: String) {
        let error = #expect(throws: ImpRAGError.self) { try render(template) }
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        #expect(error?.message.hasPrefix("test, line ") == true)
    }

    @Test(
        "what would not end, or grow without bound, is stopped",
        arguments: [
            "{% for i in range(9223372036854775807) %}{% endfor %}",
            "{% for i in range(10000) %}{% for j in range(10000) %}{{ j }}{% endfor %}{% endfor %}",
            "{% set n = namespace(x='ab') %}{% for i in range(99) %}{% set n.x = n.x + n.x %}{% endfor %}",
            "{% set n = namespace(x=[]) %}{% for i in range(99999) %}{% set n.x = [n.x] %}{% endfor %}",
            "{{ " + String(repeating: "(", count: 9999) + "1" + String(repeating: ")", count: 9999) + " }}",
            "{{ " + String(repeating: "not ", count: 9999) + "1 }}",
            "{{ 1" + String(repeating: "+ 1", count: 9999) + " }}",
            "{{ x" + String(repeating: ".y", count: 9999) + " }}",
            String(repeating: "{% if 1 %}", count: 9999),
        ])
    func bounds(template: String) {
        #expect(throws: ImpRAGError.self) { try render(template) }
    }

    @Test("text of messages stays marked, whatever is done with it")
    func origin() throws {
        let template = """
            {%- for m in messages -%}
            <s>{{ m.role }}:{{ m['content'].replace('a', 'x').split('<s>')[0] + m.content | trim | upper }}
            {{- m.content[::-1] }}{{ m | tojson }}{{ (m.content ~ '<e>').title() }}
            {%- endfor %}
            """
        let rendered = try ChatTemplate(template, name: "test")
            .render([ChatMessage(role: "user", content: "1<s>2")], at: time)
        let bytes = Array(rendered.text.utf8)
        let written = rendered.templateRanges.map { String(decoding: bytes[$0], as: UTF8.self) }
        #expect(written == ["<s>", ":", "{\"role\": \"", "\", \"content\": \"", "\"}", "<E>"])
    }

    @Test("special tokens in a message are text; the template's are ids")
    func specialTokens() throws {
        let file = SmallFile()
        let tokenizer = try file.tokenizer()
        let template = try ChatTemplate("<s>{{ messages[0].content }}</s>", name: "test")
        let begin = Int32(file.begin)
        for content in ["<s>", "</s>", "the <s></s> the", "<", "s>", "</s", "<s></s><s>", "</s></s"] {
            let chat = try template.render([ChatMessage(role: "user", content: content)], at: time)
            let plain = try tokenizer.encode(content, specialTokens: .plain, addingTemplate: false)
            #expect(try tokenizer.encode(chat) == [begin] + plain + [begin + 1])
        }
        // A token of which a part is the message's is none.
        let half = try ChatTemplate("<{{ messages[0].content }}</s>", name: "test")
        let ids = try tokenizer.encode(try half.render([ChatMessage(role: "user", content: "s>")], at: time))
        #expect(ids.filter { $0 >= begin } == [begin + 1])
    }

    @Test("without special tokens the tokens are those of the whole text, across all boundaries")
    func boundaries() throws {
        let tokenizer = try SmallFile().tokenizer()
        let chat = try ChatTemplate("t{{ messages[0].content }}e the", name: "test")
            .render([ChatMessage(role: "user", content: "h")], at: time)
        #expect(
            try tokenizer.encode(chat)
                == tokenizer.encode("the the", specialTokens: .plain, addingTemplate: false))
    }

    @Test("a model's template is its file, else its tokenizer_config.json's, else that of questions")
    func loading() throws {
        let directory = try TemporaryDirectory()
        let task = try ChatTemplate(directory: directory.path).render(chat, at: time)
        #expect(task == TaskChat.render(chat) && task.text.hasSuffix("Q: a<s>b A:"))
        let settings = #"{"bos_token": {"content": "<b>"}, "eos_token": "<e>", "chat_template": TEMPLATE}"#
        func rendered(_ template: String) throws -> String {
            try Data(settings.replacing("TEMPLATE", with: template).utf8)
                .write(to: URL(filePath: directory.file("tokenizer_config.json")))
            return try ChatTemplate(directory: directory.path).render(chat, at: time).text
        }
        #expect(try rendered(#""{{ bos_token }}1{{ eos_token }}""#) == "<b>1<e>")
        #expect(try rendered(#"[{"name": "x", "template": ""}, {"name": "default", "template": "2"}]"#) == "2")
        let bad = #expect(throws: ImpRAGError.self) { try rendered(#""{% macro %}""#) }
        #expect(bad?.code == .failedPrecondition)
        try Data("3{{ bos_token }}".utf8).write(to: URL(filePath: directory.file("chat_template.jinja")))
        #expect(try rendered("null") == "3<b>")
    }
}
