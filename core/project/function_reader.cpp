// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/function_reader.h"

#include "core/model/grant.h"
#include "core/model/setting_rules.h"

#include <algorithm>
#include <system_error>

namespace kiln {

using namespace std::chrono_literals;

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

bool isVersion(std::string_view text)
{
    bool digit = false;
    for (const char c : text) {
        if (c == '.' ? !digit : !isDigit(c))
            return false;
        digit = c != '.';
    }
    return digit && text.size() <= 16;
}

class FunctionReader
{
public:
    FunctionReader(const FunctionPlace &place, const ScheduleCheck &schedule)
        : m_place(place)
        , m_schedule(schedule)
        , m_problems(place.file())
    {
        m_settings.name = place.name;
    }

    FunctionText read(std::string_view text)
    {
        const YamlDocument document = parseYaml(text);
        for (const YamlMistake &mistake : document.mistakes)
            m_problems.error(mistake);
        if (document.readable)
            readRoot(document.root);
        FunctionText result;
        if (!m_problems.hasErrors()) {
            result.settings = std::move(m_settings);
            if (const YamlNode *triggers = document.root.find("triggers")) {
                for (const YamlNode &item : triggers->items)
                    result.triggerLines.push_back(item.line);
            }
        }
        result.problems = m_problems.take();
        return result;
    }

private:
    void readRoot(const YamlNode &root)
    {
        if (root.kind != YamlNode::Kind::Map && root.kind != YamlNode::Kind::Null) {
            m_problems.expected(root, "", "keys and values such as \"runtime: python\"");
            return;
        }
        m_problems.checkKeys(root, functionKeys(), "");
        readRuntime(root);
        readHandler(root);
        readLimits(root);
        readScaling(root);
        if (const YamlNode *node = root.find("environment"))
            readEnvironment(*node);
        if (const YamlNode *node = root.find("secrets")) {
            m_settings.secrets = readSecrets(*node, m_problems);
            for (const std::string &name : m_settings.secrets)
                if (m_settings.environment.contains(name))
                    m_problems.error(*node, "secrets", name + " is a variable of the environment, too");
        }
        if (const YamlNode *node = root.find("permissions"))
            readPermissions(*node);
        if (const YamlNode *node = root.find("triggers"))
            m_settings.triggers = readTriggers(*node, m_problems, m_schedule);
        if (const YamlNode *node = root.find("retries"))
            m_settings.retry.retries = m_problems.integer(*node, "retries", bounds::retries).value_or(2);
        if (const YamlNode *node = root.find("max_age"))
            m_settings.retry.maxAge = m_problems.duration(*node, "max_age", bounds::maxAge).value_or(6h);
    }

    /// A map that may be left empty; null when absent or of another kind.
    const YamlNode *mapAt(const YamlNode &parent, std::string_view name, const std::string &path)
    {
        const YamlNode *node = parent.find(name);
        if (!node || node->kind == YamlNode::Kind::Null)
            return nullptr;
        if (node->kind == YamlNode::Kind::Map)
            return node;
        m_problems.expected(*node, path, "a map");
        return nullptr;
    }

    void readRuntime(const YamlNode &root)
    {
        const YamlNode *node = root.find("runtime");
        if (!node) {
            m_problems.error(root, "runtime", "expected " + languageWords() + ", found nothing");
            return;
        }
        const auto text = m_problems.text(*node, "runtime", languageWords());
        if (!text)
            return;
        const std::size_t at = text->find('@');
        const std::string word = text->substr(0, at);
        if (isLanguageToCome(word)) {
            m_problems.notBuilt(*node, "runtime", word);
            return;
        }
        const auto language = languageFromWord(word);
        if (!language) {
            m_problems.expected(*node, "runtime", languageWords());
            return;
        }
        m_settings.runtime.language = *language;
        m_language = language;
        if (at == std::string::npos)
            return;
        m_settings.runtime.version = text->substr(at + 1);
        if (factsOf(*language).versionExample.empty())
            m_problems.expected(*node, "runtime", word + ", which has no versions");
        else if (!isVersion(m_settings.runtime.version))
            m_problems.expected(*node, "runtime",
                                "a version such as " + word + "@" + std::string(factsOf(*language).versionExample));
    }

    void readHandler(const YamlNode &root)
    {
        const Language language = m_settings.runtime.language;
        const std::string form(handlerFormOf(language));
        const YamlNode *node = root.find("handler");
        if (!node) {
            m_problems.error(root, "handler", "expected " + form + ", found nothing");
            return;
        }
        const auto text = m_problems.text(*node, "handler", form);
        if (!text)
            return;
        if (!isHandlerOf(language, *text)) {
            m_problems.expected(*node, "handler", form);
            return;
        }
        m_settings.handler = *text;
        if (!handlerFileExists())
            m_problems.warn(*node, "handler",
                            language == Language::Custom ? "there is no file named bootstrap in the function's folder"
                                                         : "there is no file for it in the function's folder");
    }

    /// A missing file is only warned of: the invocation says InitError, as it does for a missing import.
    bool handlerFileExists() const
    {
        const auto files = handlerFiles(m_settings.runtime.language, m_settings.handler);
        return std::any_of(files.begin(), files.end(), [&](const std::string &file) {
            std::error_code ignored;
            return std::filesystem::exists(m_place.folder() / file, ignored);
        });
    }

    void readLimits(const YamlNode &root)
    {
        Limits &limits = m_settings.limits;
        if (const YamlNode *node = root.find("memory"))
            limits.memory = m_problems.byteSize(*node, "memory", bounds::memory).value_or(limits.memory);
        if (const YamlNode *node = root.find("timeout"))
            limits.timeout = m_problems.duration(*node, "timeout", bounds::timeout).value_or(limits.timeout);
        if (const YamlNode *node = root.find("tmp"))
            limits.tmp = m_problems.byteSize(*node, "tmp", bounds::tmp).value_or(limits.tmp);
        if (const YamlNode *node = root.find("cpu")) {
            if (node->scalar == "unlimited")
                limits.cpu = Limits::Cpu::Unlimited;
            else if (node->scalar != "proportional")
                m_problems.expected(*node, "cpu", "proportional or unlimited");
        }
    }

    void readScaling(const YamlNode &root)
    {
        if (const YamlNode *map = mapAt(root, "concurrency", "concurrency")) {
            m_problems.checkKeys(*map, functionKeys(), "concurrency");
            m_settings.concurrency = readConcurrency(*map, m_problems, m_language);
        }
        if (const YamlNode *node = root.find("keep_warm")) {
            if (node->scalar == "adaptive")
                m_settings.keepWarm.policy = KeepWarm::Policy::Adaptive;
            else
                m_settings.keepWarm.time = m_problems.duration(*node, "keep_warm", bounds::keepWarm).value_or(5min);
        }
        if (const YamlNode *node = root.find("freeze_after")) {
            if (node->scalar == "never")
                m_settings.freezeAfter.reset();
            else
                m_settings.freezeAfter =
                    m_problems.duration(*node, "freeze_after", bounds::freezeAfter).value_or(100ms);
        }
        if (const YamlNode *node = root.find("reuse")) {
            if (node->scalar == "never")
                m_settings.reuse = Reuse::Never;
            else if (node->scalar != "always")
                m_problems.expected(*node, "reuse", "always or never");
            const int perWorker = m_settings.concurrency.perWorker;
            if (m_settings.reuse == Reuse::Never && perWorker > 1)
                m_problems.error(*node, "reuse",
                                 "never gives each event a worker of its own, but concurrency.per_worker is " +
                                     std::to_string(perWorker) + "; leave one of the two out");
        }
        if (const YamlNode *node = root.find("isolation")) {
            if (node->scalar == "strict")
                m_settings.isolation = Isolation::Strict;
            else if (node->scalar != "standard")
                m_problems.expected(*node, "isolation", "standard or strict");
        }
    }

    void readEnvironment(const YamlNode &node)
    {
        if (node.kind == YamlNode::Kind::Null)
            return;
        if (node.kind != YamlNode::Kind::Map) {
            m_problems.expected(node, "environment", "a map such as {CURRENCY: EUR}");
            return;
        }
        std::size_t size = 0;
        for (const YamlEntry &entry : node.entries) {
            const std::string &name = entry.key.scalar;
            const std::string key = "environment." + name.substr(0, 120);
            if (!isVariableName(name))
                m_problems.expected(entry.key, key, "a name of letters, digits and _");
            else if (isReservedVariable(name))
                m_problems.error(entry.key, key,
                                 "this name is set by the runtime (reserved: _HANDLER, _X_AMZN_TRACE_ID, AWS_REGION, "
                                 "AWS_DEFAULT_REGION, AWS_EXECUTION_ENV, AWS_ACCESS_KEY, AWS_ACCESS_KEY_ID, "
                                 "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_LAMBDA_*, LAMBDA_TASK_ROOT, "
                                 "LAMBDA_RUNTIME_DIR, KILN_*)");
            // Text as it is written: 08 stays 08, true stays true.
            else if (entry.value.kind != YamlNode::Kind::Scalar)
                m_problems.expected(entry.value, key, "text (\"\" for none)");
            else
                m_settings.environment.emplace(name, entry.value.scalar);
            size += name.size() + entry.value.scalar.size();
        }
        if (size > 4096)
            m_problems.error(node, "environment",
                             "expected at most 4096 bytes of names and values, found " + std::to_string(size));
    }

    void readPermissions(const YamlNode &node)
    {
        if (node.kind == YamlNode::Kind::Null)
            return;
        if (node.kind != YamlNode::Kind::Map) {
            m_problems.expected(node, "permissions", "a map");
            return;
        }
        m_problems.checkKeys(node, functionKeys(), "permissions");
        if (const YamlNode *network = node.find("network"))
            readHosts(*network);
        if (const YamlNode *files = node.find("files"))
            m_settings.permissions.files = readFileGrants(*files, m_problems, m_place);
    }

    void readHosts(const YamlNode &node)
    {
        // AWS Lambda's, in the worker's own network, where each granted port has a listener.
        constexpr std::uint16_t runtimeApi = 9001;
        readNetwork(node, m_problems, m_settings.permissions);
        if (m_settings.runtime.language == Language::Custom)
            for (const Permissions::HostGrant &host : m_settings.permissions.hosts)
                if (host.port == runtimeApi)
                    m_problems.error(node, "permissions.network",
                                     toText(host) + " cannot be reached with runtime: custom, whose Runtime API has "
                                                    "port 9001 for itself");
    }

    const FunctionPlace &m_place;
    const ScheduleCheck &m_schedule;
    ProblemList m_problems;
    FunctionSettings m_settings;
    std::optional<Language> m_language; ///< Once it is known.
};

} // namespace

FunctionText readFunctionText(std::string_view text, const FunctionPlace &place, const ScheduleCheck &schedule)
{
    return FunctionReader(place, schedule).read(text);
}

} // namespace kiln
