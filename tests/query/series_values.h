// Values as agents' plugins post them, made by lot, and what must be read of them.
#pragma once

#include <map>
#include <random>
#include <string>

namespace nmstore::testing {

struct MadeValue {
    std::string text;
    std::map<std::string, double> readings;
};

class ValueMaker {
  public:
    explicit ValueMaker(unsigned seed) : random_(seed), habit_(random_() % 6) {}

    MadeValue make(std::int64_t time_ms) {
        MadeValue made;
        if (one_in(30)) {
            made.text = number();
            made.readings["value"] = std::stod(made.text);
            return made;
        }
        made.text = one_in(50) ? "{ " : "{";
        if (!one_in(4)) {
            made.text += "\"date\":" + std::to_string(time_ms) + ",";
        }
        const std::size_t members = 1 + random_() % 3;
        for (std::size_t i = 0; i < members; ++i) {
            const std::string name = habit_ == 5 ? "if" + std::to_string(random_() % 3) : names[i];
            if (one_in(6)) {
                add_nested(name, made);
            } else {
                erase(name, made);
                add(name, name, made);
            }
        }
        made.text.back() = '}';
        if (one_in(60)) {  // cut off
            made.text.pop_back();
            made.readings.clear();
        }
        return made;
    }

  private:
    static constexpr const char* names[] = {"value", "load", "free mem"};

    bool one_in(unsigned n) { return random_() % n == 0; }

    void erase(const std::string& name, MadeValue& made) {
        made.readings.erase(name);
        std::erase_if(made.readings, [&](const auto& each) { return each.first.starts_with(name + "."); });
    }

    void add_nested(const std::string& name, MadeValue& made) {
        erase(name, made);
        made.text += "\"" + name + "\":{";
        const std::size_t members = 1 + random_() % 3;
        for (std::size_t i = 0; i < members; ++i) {
            const std::string inner = i == 0 ? "used" : "u" + std::to_string(i);
            add(inner, name + "." + inner, made);
        }
        made.text.back() = '}';
        made.text += ',';
    }

    // With a comma behind it.
    void add(const std::string& own, const std::string& name, MadeValue& made) {
        static const char* const kOthers[] = {"true",  "null",          "NaN",    "\"ok 5\"",
                                              "\"x\"", "[1,2]",         "\"7%\"", "{\"deep\":{\"er\":1}}",
                                              "12ab",  "\"\\u0041 5\"", "1.2.3",  "\"\""};
        made.text += "\"" + own + "\":";
        if (one_in(8)) {
            made.text += kOthers[random_() % std::size(kOthers)];
            // An object is only passed over where it is nested too deep, or has nothing but such.
            made.readings.erase(name);
        } else {
            const std::string written = number();
            made.readings[name] = std::stod(written);
            switch (random_() % 6) {
                case 0:
                    made.text += "\"" + written + "\\n\"";
                    break;
                case 1:
                    made.text += "\" " + written + "\"";
                    break;
                case 2:
                case 3:
                    made.text += "\"" + written + "\"";
                    break;
                default:
                    made.text += written;
            }
        }
        made.text += ',';
    }

    std::string number() {
        const std::string sign = habit_ > 1 && one_in(3) ? "-" : "";
        switch (habit_ == 0 ? 0 : random_() % 8) {
            case 0:
            case 1:
                return sign + std::to_string(random_() % 100);
            case 2:
                return sign + std::to_string(random_() % 100'000'000);
            case 3:
                return sign + std::to_string(random_() % 100) + "." + std::to_string(random_() % 1000);
            case 4:
                return sign + "0.0" + std::to_string(random_() % 50);
            case 5:
                return sign + std::to_string(random_() % 1000) + "e" + (one_in(2) ? "-" : "") +
                       std::to_string(random_() % 4);
            case 6:
                return habit_ == 1 ? "0042" : sign + "1.5E" + std::to_string(random_() % 3);
            default:
                return habit_ == 2 ? std::to_string(random_() | 1ull << 63) : sign + "12.50";
        }
    }

    std::mt19937_64 random_;
    const std::uint64_t habit_;
};

}  // namespace nmstore::testing
