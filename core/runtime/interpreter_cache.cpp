// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/interpreter_cache.h"

#include <boost/json.hpp>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>

namespace kiln {

namespace {

namespace fs = std::filesystem;
namespace json = boost::json;

constexpr std::int64_t formatVersion = 1;
constexpr std::size_t sizeLimit = 1 << 20;
constexpr std::int64_t shimsHold = 24 * 60 * 60;
constexpr const char *fileName = "interpreters.json";

Interpreter readInterpreter(const json::value &value)
{
    Interpreter interpreter;
    const auto language = languageFromWord(std::string_view(value.at("language").as_string()));
    if (!language)
        throw std::runtime_error("a language that this Kiln does not know");
    interpreter.language = *language;
    interpreter.version = value.at("version").as_string();
    interpreter.path = std::string(value.at("path").as_string());
    for (const auto &root : value.at("roots").as_array())
        interpreter.roots.emplace_back(std::string(root.as_string()));
    return interpreter;
}

json::object write(const Interpreter &interpreter)
{
    json::array roots;
    for (const auto &root : interpreter.roots)
        roots.emplace_back(root.native());
    return {{"language", toWord(interpreter.language)},
            {"version", interpreter.version},
            {"path", interpreter.path.native()},
            {"roots", std::move(roots)}};
}

} // namespace

InterpreterCache::InterpreterCache(fs::path folder, WallTime now)
    : m_folder(std::move(folder))
    , m_now(std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count())
{
    if (m_folder.empty())
        return;
    try {
        m_entries = read(m_folder / fileName);
    } catch (const std::exception &) { // for a file that is not ours, or another version's
        m_entries.clear();
    }
}

/// All zero for a file that is not there.
InterpreterCache::FileState InterpreterCache::stateOf(const fs::path &file)
{
    struct stat about = {};
    if (::stat(file.c_str(), &about) != 0)
        return {};
    return {about.st_size, about.st_mtim.tv_sec * 1'000'000'000 + about.st_mtim.tv_nsec};
}

InterpreterCache::Entries InterpreterCache::read(const fs::path &file)
{
    std::ifstream in(file, std::ios::binary);
    std::string text(std::istreambuf_iterator<char>(in), {});
    if (text.empty() || text.size() > sizeLimit)
        return {};
    const json::value whole = json::parse(text);
    if (whole.at("version").as_int64() != formatVersion)
        return {};
    Entries entries;
    for (const auto &value : whole.at("answers").as_array()) {
        Entry entry;
        entry.file = {value.at("size").as_int64(), value.at("changed").as_int64()};
        entry.real = {value.at("real_size").as_int64(), value.at("real_changed").as_int64()};
        entry.asked = value.at("asked").as_int64();
        if (const auto &interpreter = value.at("interpreter"); !interpreter.is_null())
            entry.answer.interpreter = readInterpreter(interpreter);
        entries[std::string(value.at("file").as_string())] = std::move(entry);
    }
    return entries;
}

std::optional<InterpreterCache::Answer> InterpreterCache::find(const Candidate &candidate) const
{
    const auto it = m_entries.find(candidate.path.native());
    if (it == m_entries.end() || it->second.file != stateOf(candidate.path))
        return std::nullopt;
    const Entry &entry = it->second;
    const auto &interpreter = entry.answer.interpreter;
    if (interpreter && entry.real != stateOf(interpreter->path))
        return std::nullopt;
    if (candidate.script && (m_now < entry.asked || m_now - entry.asked > shimsHold))
        return std::nullopt;
    return entry.answer;
}

void InterpreterCache::put(const Candidate &candidate, const Answer &answer)
{
    if (m_folder.empty())
        return;
    const FileState real = answer.interpreter ? stateOf(answer.interpreter->path) : FileState{};
    m_entries[candidate.path.native()] = {stateOf(candidate.path), real, m_now, answer};
    m_changed = true;
}

void InterpreterCache::save() const
{
    if (!m_changed)
        return;
    json::array list;
    for (const auto &[file, entry] : m_entries) {
        const auto &interpreter = entry.answer.interpreter;
        list.push_back({{"file", file},
                        {"size", entry.file.size},
                        {"changed", entry.file.changed},
                        {"real_size", entry.real.size},
                        {"real_changed", entry.real.changed},
                        {"asked", entry.asked},
                        {"interpreter", interpreter ? json::value(write(*interpreter)) : json::value(nullptr)}});
    }
    std::error_code error;
    fs::create_directories(m_folder, error);
    // Replaced by renaming, so that two Kilns starting at once never read half a file.
    const fs::path part = m_folder / (std::string(fileName) + "." + std::to_string(::getpid()));
    std::ofstream out(part, std::ios::binary);
    out << json::serialize(json::object{{"version", formatVersion}, {"answers", std::move(list)}});
    out.close();
    if (out)
        fs::rename(part, m_folder / fileName, error);
    if (!out || error)
        fs::remove(part, error);
}

} // namespace kiln
