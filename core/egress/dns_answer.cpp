// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/egress/dns_answer.h"

#include "core/model/grant.h"

namespace kiln {

namespace {

constexpr std::size_t headSize = 12;
constexpr std::size_t maxQuery = 512;
constexpr std::uint16_t typeA = 1;
constexpr std::uint16_t classInternet = 1;

enum class Code : std::uint8_t { Ok = 0, ServerFailure = 2, NoSuchName = 3, NotImplemented = 4 };

std::uint16_t wordAt(std::string_view bytes, std::size_t at)
{
    return std::uint16_t(std::uint8_t(bytes[at]) << 8 | std::uint8_t(bytes[at + 1]));
}

void appendWord(std::string &out, std::uint32_t word)
{
    out += char(word >> 8 & 0xff);
    out += char(word & 0xff);
}

struct Question
{
    std::string name; ///< Lower case, with dots.
    std::uint16_t type = 0;
    std::uint16_t kind = 0;
    std::size_t end = 0; ///< Where it ends in the query.
};

/// Without compression: a question has nothing to point back to.
std::optional<Question> readQuestion(std::string_view query)
{
    Question question;
    std::size_t at = headSize;
    for (;;) {
        if (at >= query.size())
            return std::nullopt;
        const std::size_t length = std::uint8_t(query[at++]);
        if (length == 0)
            break;
        if (length > 63 || at + length > query.size() || question.name.size() + length > 253)
            return std::nullopt;
        if (!question.name.empty())
            question.name += '.';
        for (const char c : query.substr(at, length))
            question.name += c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
        at += length;
    }
    if (at + 4 > query.size())
        return std::nullopt;
    question.type = wordAt(query, at);
    question.kind = wordAt(query, at + 2);
    question.end = at + 4;
    return question;
}

} // namespace

std::optional<std::string> dnsAnswer(std::string_view query,
                                     const std::function<std::optional<IpAddress>(const std::string &)> &addressOf)
{
    if (query.size() < headSize || query.size() > maxQuery)
        return std::nullopt;
    const std::uint8_t flags = std::uint8_t(query[2]);
    const bool isResponse = (flags & 0x80) != 0;
    const unsigned operation = flags >> 3 & 0xfU;
    if (isResponse || wordAt(query, 4) != 1)
        return std::nullopt;
    const auto question = readQuestion(query);
    if (!question)
        return std::nullopt;

    Code code = Code::Ok;
    std::optional<IpAddress> address;
    const auto target = parseHostPort(question->name + ":1");
    if (operation != 0)
        code = Code::NotImplemented;
    else if (!target || target->host != question->name || isNumericAddress(question->name)) // no host's name
        code = Code::NoSuchName;
    else if (question->type == typeA && question->kind == classInternet) {
        address = addressOf(question->name);
        if (!address || !address->isV4())
            code = Code::ServerFailure;
    }

    std::string answer(query.substr(0, 2));
    answer += char(0x80 | (flags & 0x79));     // a response; the operation and "recursion desired" as asked
    answer += char(0x80 | std::uint8_t(code)); // recursion available
    appendWord(answer, 1);
    const bool found = code == Code::Ok && address;
    appendWord(answer, found ? 1 : 0);
    appendWord(answer, 0);
    appendWord(answer, 0);
    answer += query.substr(headSize, question->end - headSize);
    if (found) {
        appendWord(answer, 0xc000 | headSize); // the question's name
        appendWord(answer, typeA);
        appendWord(answer, classInternet);
        appendWord(answer, 0);
        appendWord(answer, 60); // seconds; it stands for the name as long as the worker lives
        appendWord(answer, 4);
        appendWord(answer, address->number() >> 16);
        appendWord(answer, address->number() & 0xffff);
    }
    return answer;
}

} // namespace kiln
