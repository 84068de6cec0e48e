// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/models/payload_text.h"

#include "core/base/utf8.h"
#include "ui/models/json_text.h"
#include "ui/models/plain_text.h"
#include "ui/theme/format.h"

#include <QByteArray>
#include <QCoreApplication>

#include <algorithm>

namespace kiln::ui {

namespace {

QString tr(const char *text) { return QCoreApplication::translate("payload", text); }

/// The beginning that ends with a whole character.
std::string_view beginning(std::string_view text, std::size_t bytes)
{
    if (text.size() <= bytes)
        return text;
    while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80)
        --bytes;
    return text.substr(0, bytes);
}

std::size_t longestLine(std::string_view text)
{
    std::size_t longest = 0;
    for (std::size_t begin = 0; begin < text.size();) {
        const std::size_t end = std::min(text.find('\n', begin), text.size());
        longest = std::max(longest, end - begin);
        begin = end + 1;
    }
    return longest;
}

ShownText bounded(std::string_view text, std::size_t whole)
{
    std::string_view shown = beginning(text, shownBytes);
    if (longestLine(shown) > shownLine)
        shown = beginning(shown, shownLine * 2);
    ShownText result{toQString(shown), {}};
    if (shown.size() < text.size())
        result.note = tr("The beginning of %1. Copy takes all of it.").arg(sizeText(ByteSize{std::int64_t(whole)}));
    return result;
}

ShownText hexText(std::string_view bytes)
{
    constexpr std::size_t most = 4096, perRow = 16;
    QString text;
    for (std::size_t row = 0; row < std::min(bytes.size(), most); row += perRow) {
        QString hex, letters;
        for (std::size_t i = row; i < std::min(row + perRow, bytes.size()); ++i) {
            const auto byte = static_cast<unsigned char>(bytes[i]);
            hex += QStringLiteral("%1 ").arg(byte, 2, 16, QLatin1Char('0'));
            letters += byte >= 0x20 && byte < 0x7F ? QLatin1Char(char(byte)) : QLatin1Char('.');
        }
        text += QStringLiteral("%1  %2 %3\n").arg(row, 6, 16, QLatin1Char('0')).arg(hex, -48).arg(letters);
    }
    const QString size = sizeText(ByteSize{std::int64_t(bytes.size())});
    return {text, bytes.size() > most ? tr("%1 that are not UTF-8 text; the first 4 KB").arg(size)
                                      : tr("%1 that are not UTF-8 text").arg(size)};
}

std::optional<std::string_view> member(std::string_view object, std::string_view name)
{
    JsonCursor cursor(object);
    std::optional<std::string_view> found;
    while (const auto next = cursor.next()) { // the last of doubled keys counts, as in every language
        if (next->key.size() == name.size() + 2 && next->key.substr(1, name.size()) == name)
            found = next->value;
    }
    return found;
}

QString scalarText(std::string_view value)
{
    return jsonKind(value) == JsonKind::String ? jsonString(value) : toQString(value);
}

} // namespace

ShownText exactText(std::string_view bytes) { return isUtf8(bytes) ? bounded(bytes, bytes.size()) : hexText(bytes); }

ShownText prettyText(std::string_view bytes)
{
    if (bytes.size() > treeBytes || jsonFlaw(bytes))
        return exactText(bytes);
    ShownText shown = bounded(prettyJson(bytes, shownBytes + 1), bytes.size());
    return shown;
}

std::optional<HttpAnswer> httpAnswer(std::string_view validJson)
{
    validJson = jsonTrimmed(validJson);
    if (validJson.empty() || jsonKind(validJson) != JsonKind::Object)
        return std::nullopt;
    const auto status = member(validJson, "statusCode");
    if (!status || jsonKind(*status) != JsonKind::Number)
        return std::nullopt;
    HttpAnswer answer;
    bool whole = false;
    answer.status = toQString(*status).toInt(&whole);
    if (!whole || answer.status < 100 || answer.status > 599)
        return std::nullopt;
    const auto headers = member(validJson, "headers");
    if (headers && jsonKind(*headers) == JsonKind::Object) {
        JsonCursor cursor(*headers);
        while (const auto header = cursor.next()) {
            if (answer.headers.size() < 200)
                answer.headers.emplace_back(jsonString(header->key), scalarText(header->value));
        }
    }
    const auto cookies = member(validJson, "cookies");
    if (cookies && jsonKind(*cookies) == JsonKind::Array) {
        JsonCursor cursor(*cookies);
        while (const auto cookie = cursor.next()) {
            if (answer.headers.size() < 200)
                answer.headers.emplace_back(QStringLiteral("Set-Cookie"), scalarText(cookie->value));
        }
    }
    const auto body = member(validJson, "body");
    if (!body || jsonKind(*body) == JsonKind::Null)
        return answer;
    answer.body = jsonKind(*body) == JsonKind::String ? jsonBytes(*body) : std::string(*body);
    if (member(validJson, "isBase64Encoded") == "true") {
        const auto decoded = QByteArray::fromBase64Encoding(QByteArray::fromStdString(answer.body),
                                                            QByteArray::AbortOnBase64DecodingErrors);
        if (decoded)
            answer.body = decoded.decoded.toStdString();
        else
            answer.problem = tr("isBase64Encoded is true, but the body is not Base64; shown as it is");
    }
    return answer;
}

QString httpStatusText(int status)
{
    static const std::pair<int, const char *> words[] = {{200, "OK"},
                                                         {201, "Created"},
                                                         {202, "Accepted"},
                                                         {204, "No Content"},
                                                         {206, "Partial Content"},
                                                         {301, "Moved Permanently"},
                                                         {302, "Found"},
                                                         {303, "See Other"},
                                                         {304, "Not Modified"},
                                                         {307, "Temporary Redirect"},
                                                         {308, "Permanent Redirect"},
                                                         {400, "Bad Request"},
                                                         {401, "Unauthorized"},
                                                         {403, "Forbidden"},
                                                         {404, "Not Found"},
                                                         {405, "Method Not Allowed"},
                                                         {409, "Conflict"},
                                                         {410, "Gone"},
                                                         {413, "Content Too Large"},
                                                         {415, "Unsupported Media Type"},
                                                         {418, "I'm a teapot"},
                                                         {422, "Unprocessable Content"},
                                                         {429, "Too Many Requests"},
                                                         {500, "Internal Server Error"},
                                                         {501, "Not Implemented"},
                                                         {502, "Bad Gateway"},
                                                         {503, "Service Unavailable"},
                                                         {504, "Gateway Timeout"}};
    const auto found =
        std::find_if(std::begin(words), std::end(words), [&](const auto &w) { return w.first == status; });
    const QString number = QString::number(status);
    return found == std::end(words) ? number : number + QLatin1Char(' ') + QLatin1String(found->second);
}

} // namespace kiln::ui
