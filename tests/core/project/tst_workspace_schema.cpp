// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/keys.h"
#include "tests/core/project/temporary_workspace.h"

#include <QTest>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <map>

using namespace kiln;
namespace json = boost::json;

namespace {

std::string fileBytes(const std::string &path)
{
    std::ifstream file(KILN_SOURCE_DIR "/" + path);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Every key that a schema knows, with whether it is refused ("not": {}).
void collect(const json::object &schema, const std::string &path, std::map<std::string, bool> &keys)
{
    const auto enter = [&](const json::value &inner, const std::string &name) {
        const std::string full = path.empty() ? name : path + "." + name;
        keys[full] = inner.as_object().contains("not");
        collect(inner.as_object(), full, keys);
    };
    if (const json::value *properties = schema.if_contains("properties")) {
        for (const auto &[name, inner] : properties->as_object())
            enter(inner, std::string(name.data(), name.size()));
    }
    if (const json::value *items = schema.if_contains("items"))
        collect(items->as_object(), path + "[]", keys);
    if (const json::value *others = schema.if_contains("additionalProperties"); others && others->is_object())
        enter(*others, "*");
}

std::map<std::string, bool> keysOfSchema(const std::string &name)
{
    std::map<std::string, bool> keys;
    collect(json::parse(fileBytes("resources/schema/" + name)).as_object(), "", keys);
    return keys;
}

std::map<std::string, bool> keysOfReader(std::span<const KnownKey> table)
{
    std::map<std::string, bool> keys;
    for (const KnownKey &key : table)
        keys[std::string(key.path)] = key.status == KnownKey::Status::NotBuilt;
    return keys;
}

QString textOf(const std::map<std::string, bool> &keys)
{
    QString text;
    for (const auto &[key, refused] : keys)
        text += QString::fromStdString(key) + QLatin1String(refused ? " refused\n" : "\n");
    return text;
}

/// The first ```yaml block below a heading of the guide.
std::string guideBlock(const std::string &heading)
{
    const std::string guide = fileBytes("resources/guide/workspace.md");
    const std::size_t begin = guide.find("```yaml\n", guide.find("## " + heading)) + 8;
    return guide.substr(begin, guide.find("```", begin) - begin);
}

} // namespace

class tst_WorkspaceSchema : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void schemasAndReaderKnowTheSameKeys()
    {
        QCOMPARE(textOf(keysOfSchema("function.schema.json")), textOf(keysOfReader(functionKeys())));
        QCOMPARE(textOf(keysOfSchema("kiln.schema.json")), textOf(keysOfReader(kilnKeys())));
    }

    void theGuidesExamplesAreGoodAndShowEveryBuiltKey()
    {
        const test::TemporaryWorkspace workspace;
        std::filesystem::create_directory(workspace.folder() / "data");
        workspace.function("a");
        workspace.write("functions/a/function.yaml", guideBlock("function.yaml"));
        workspace.write("kiln.yaml", guideBlock("kiln.yaml"));
        const auto read = readWorkspace(workspace.folder());
        QVERIFY(read->problems.empty());
        const FunctionFiles &function = read->functions.front();
        QVERIFY2(function.problems.empty(), function.problems.empty() ? "" : function.problems[0].text().c_str());
        for (const KnownKey &key : functionKeys()) {
            const std::string name(key.path.substr(key.path.find_last_of(".]") + 1));
            if (key.status == KnownKey::Status::Built && !name.ends_with('*'))
                QVERIFY2(guideBlock("function.yaml").find(name + ":") != std::string::npos, name.c_str());
        }
    }

    void theGuideShowsTheDefaults()
    {
        const test::TemporaryWorkspace workspace;
        std::filesystem::create_directory(workspace.folder() / "data");
        workspace.function("a");
        workspace.write("functions/a/function.yaml", guideBlock("function.yaml"));
        FunctionSettings shown = *workspace.reread("a").settings;
        shown.environment.clear();
        shown.permissions = {};
        shown.triggers.clear();
        workspace.function("a");
        QVERIFY(shown == *workspace.reread("a").settings);
    }
};

QTEST_GUILESS_MAIN(tst_WorkspaceSchema)
#include "tst_workspace_schema.moc"
