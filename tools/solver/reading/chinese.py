# ruff: noqa: E501  a form is read more easily on one line
"""Chinese requests brought to the English forms that the rest of the grammar reads.

`求 x^2 的导数`, `x^2 从 0 到 1 的定积分`, `解方程 x^2 = 4`, `当 x 趋于 0 时 sin(x)/x 的极限`, `半径为 3 的球的体积`,
`5 公里等于多少米`, `三加五乘以二`. Each form is a pattern for the whole request, with formulas where the letters stand;
inside formulas operators may be words (加, 减, 乘以, 除以, 的平方, 根号) and numbers may be numerals (一百二十, 三分之二).
"""

from __future__ import annotations

import re
from functools import cache

from ...errors import ToolError

_HAN = re.compile(r"[\u3400-\u9fff]")
_WIDE = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    ord("。"): ".",  ord("、"): ",", ord("【"): "[", ord("】"): "]", ord("\u3000"): " ", ord("“"): " ", ord("”"): " ",
    ord("「"): " ", ord("」"): " ", ord("～"): "~",
}  # fmt: skip

_DIGITS = {name: value for value, name in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_TENS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = "[零〇一二两三四五六七八九十百千万亿]"
# Characters of numerals that are part of other words are left alone: 一下, 千米, 十进制, 百分之.
_NUMBER = re.compile(
    rf"(?<!第)(?:(?!万有|一下|一个|一元|一次|二次|三次|一阶|二阶|千米|千克|百分)({_NUMERAL}+(?:点{_NUMERAL}+)?))(?!进制|角形|角函数|边形|阶|维|次方程|元一次|元二次|千克|千米|棱)"
)
_FRACTION = re.compile(rf"({_NUMERAL}+|\d+)分之({_NUMERAL}+|\d+)")
_PERCENT = re.compile(rf"百分之({_NUMERAL}+(?:点{_NUMERAL}+)?|\d+(?:\.\d+)?)")

_UNITS = {
    "千米每小时": "km/h", "公里每小时": "km/h", "英里每小时": "mph", "米每秒": "m/s", "平方千米": "km^2", "平方公里": "km^2",
    "平方米": "m^2", "平方厘米": "cm^2", "平方英尺": "square feet", "立方米": "m^3", "立方厘米": "cm^3", "千米": "km",
    "公里": "km", "厘米": "cm", "毫米": "mm", "微米": "um", "纳米": "nm", "英里": "miles", "英尺": "feet", "英寸": "inches",
    "海里": "nautical miles", "光年": "light years", "米": "m", "千克": "kg", "公斤": "kg", "毫克": "mg", "克": "g",
    "吨": "tonnes", "英镑": "GBP", "磅": "pounds", "盎司": "ounces", "毫升": "ml", "升": "liters", "加仑": "gallons",
    "毫秒": "ms", "分钟": "minutes", "小时": "hours", "星期": "weeks", "秒": "seconds", "周": "weeks", "天": "days",
    "摄氏度": "celsius", "华氏度": "fahrenheit", "开尔文": "kelvin", "公顷": "hectares", "英亩": "acres", "焦耳": "joules",
    "千瓦时": "kWh", "卡路里": "calories", "大卡": "kcal", "千瓦": "kW", "瓦特": "W", "瓦": "W", "牛顿": "N", "帕斯卡": "Pa",
    "兆字节": "MB", "千字节": "kB", "字节": "bytes", "弧度": "radians", "年": "years", "度": "degrees", "马力": "horsepower",
}  # fmt: skip
_UNIT = "(?:" + "|".join(sorted(_UNITS, key=len, reverse=True)) + ")"
_BASES = {"二": "binary", "八": "octal", "十": "decimal", "十六": "hex"}

_NOISE = re.compile(
    r"^(?:请问|请你|请|麻烦|帮我|帮忙|给我|我想知道|你能|能否|试|试求|求出|求解(?=.*(?:的|导|积分|极限))|求一下|求|计算一下|计算出|计算|算一下|算出|算|已知|问|下列|以下|下面|函数(?!的))\s*"
)
_TAIL = re.compile(
    r"[\s,.?:]*(?:是多少|为多少|等于多少|等于几|得多少|得几|多少|是几|是什么|是啥|有哪些|是哪些|怎么算|怎么求|的值|的结果|一下|谢谢|呢|吗|=)?[\s,.?:]*$"
)
_NTH = {"一": "first", "二": "second", "三": "third", "四": "fourth", "五": "fifth", "1": "first", "2": "second", "3": "third", "4": "fourth", "5": "fifth"}  # fmt: skip
_A, _B, _C, _V = r"(?P<a>.+?)", r"(?P<b>.+?)", r"(?P<c>.+?)", r"(?P<v>[a-zA-Z])"
_OF = r"\s*的?\s*"
_TO = r"\s*(?:趋于|趋近于|趋向于|趋向|趋近|->|\u2192|接近)\s*"
_IS = r"\s*(?:为|是|=|等于|:)?\s*"
_KIND = r"(?:下列|以下)?\s*(?:一元[一二三四]次|[二三]元[一二]次|三角|指数|对数|无理|分式|绝对值)"
_FUNCTION = r"(?:函数\s*|曲线\s*|抛物线\s*|f\(x\)\s*=\s*|y\s*=\s*)*"

# Patterns for the whole request; capital words such as SOLVE never occur in them, so the order is all that matters.
_FORMS: list[tuple[str, str]] = [
    # calculus
    (r"(?:不定积分|定积分|积分|极限)\s*:?\s*(?P<a>(?:\u222b|lim).+)", "{a}"),
    (rf"{_FUNCTION}{_A}\s*(?:在|当)\s*(?P<p>[a-z]\s*=\s*.+?)\s*(?:处|时|点)?{_OF}(?:(?P<n>[一二三四五\d])阶)?(?:导数|导函数|微分)", "{n} derivative of {a} at {p}"),
    (rf"(?:对\s*)?{_FUNCTION}{_A}\s*(?:关于|对)\s*{_V}{_OF}(?:求\s*)?偏?(?:(?P<n>[一二三四五\d])阶)?偏?(?:导数|导|微分)", "{n} derivative of {a} with respect to {v}"),
    (rf"(?:对\s*)?{_FUNCTION}{_A}{_OF}(?:求\s*)?(?P<n>[一二三四五\d])阶(?:导数|导函数|导)", "{n} derivative of {a}"),
    (rf"(?:对\s*)?{_FUNCTION}{_A}{_OF}(?:求\s*导(?:数)?|导数|导函数|微分|进行求导)", "derivative of {a}"),
    (rf"函数的导数\s*:?\s*{_FUNCTION}{_A}", "derivative of {a}"),
    (rf"(?:求导|导数|微分|求导数)\s*:?\s*{_FUNCTION}{_A}", "derivative of {a}"),
    (rf"{_FUNCTION}{_A}\s*在?\s*(?:区间\s*)?[\[(]\s*{_B}\s*,\s*{_C}\s*[\])]\s*(?:上|内|区间)?{_OF}(?:定积分|积分)", "integrate {a} from {b} to {c}"),
    (rf"{_FUNCTION}{_A}\s*(?:从|在|由)\s*(?:[a-z]\s*=\s*)?{_B}\s*(?:到|至)\s*(?:[a-z]\s*=\s*)?{_C}\s*(?:上|之间)?{_OF}(?:定积分|积分)", "integrate {a} from {b} to {c}"),
    (rf"(?:从|由)\s*{_B}\s*(?:到|至)\s*{_C}\s*(?:对\s*)?{_FUNCTION}{_A}{_OF}(?:的)?(?:定积分|积分)", "integrate {a} from {b} to {c}"),
    (rf"(?:定积分|积分)\s*:?\s*{_FUNCTION}{_A}\s*,?\s*(?:从|在|由)\s*{_B}\s*(?:到|至)\s*{_C}", "integrate {a} from {b} to {c}"),
    (rf"(?:对\s*)?{_FUNCTION}{_A}{_OF}(?:求\s*)?(?:不定积分|积分|原函数|反导数)", "integrate {a}"),
    (rf"(?:不定积分|积分|求积分)\s*:?\s*{_FUNCTION}{_A}", "integrate {a}"),
        (rf"(?:当\s*)?{_V}{_TO}{_B}\s*(?:时\s*,?|,)\s*(?:求\s*)?{_FUNCTION}{_A}{_OF}极限", "limit of {a} as {v} -> {b}"),
    (rf"{_FUNCTION}{_A}\s*,?\s*(?:当|在)\s*{_V}{_TO}{_B}\s*时?{_OF}极限", "limit of {a} as {v} -> {b}"),
    (rf"(?:极限\s*:?\s*)?{_FUNCTION}{_A}(?:\s*,\s*|\s+)(?:当\s*)?{_V}{_TO}{_B}(?:\s*时)?(?:{_OF}极限)?", "limit of {a} as {v} -> {b}"),
    (rf"{_FUNCTION}{_A}\s*在\s*(?:[a-z]\s*=\s*)?{_B}\s*(?:处|点)?{_OF}泰勒(?:展开式?|级数|公式)\s*(?:到|至|,)?\s*(?:第)?(?P<c>\d+)\s*(?:阶|次|项)", "taylor series of {a} around {b} to order {c}"),
    (rf"{_FUNCTION}{_A}\s*在\s*(?:[a-z]\s*=\s*)?{_B}\s*(?:处|点)?{_OF}泰勒(?:展开式?|级数|公式)", "taylor series of {a} around {b}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:泰勒|麦克劳林)(?:展开式?|级数|公式)(?:\s*(?:到|至|,)?\s*(?:第)?(?P<c>\d+)\s*(?:阶|次|项))", "taylor series of {a} to order {c}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:泰勒|麦克劳林)(?:展开式?|级数|公式)", "taylor series of {a}"),
    (rf"(?:对\s*)?{_A}\s*,?\s*(?:从|对)?\s*{_V}\s*(?:=|从)\s*{_B}\s*(?:到|至)\s*{_C}{_OF}(?:求?和|总和|之和|的和)", "sum of {a} for {v} = {b} to {c}"),
    (rf"(?:从)?\s*{_B}\s*(?:加)?到\s*{_C}\s*(?:的)?(?:所有)?(?:整数|自然数)?{_OF}(?:和|总和|之和)", "sum of k for k = {b} to {c}"),
    (rf"(?:从)?\s*{_B}\s*一直加到\s*{_C}", "sum of k for k = {b} to {c}"),
    (rf"{_FUNCTION}{_A}{_OF}拉普拉斯(?:逆|反)变换", "inverse laplace transform of {a}"),
    (rf"{_FUNCTION}{_A}{_OF}拉普拉斯变换", "laplace transform of {a}"),
    (rf"(?:解|求解)?\s*(?:常)?微分方程\s*:?\s*{_A}(?:{_OF}(?:通解|解|特解))?\s*[,;]?\s*(?:初始?条件{_IS}|满足|其中)\s*{_B}(?:{_OF}(?:特解|解))?", "solve {a}, {b}"),
    (rf"(?:解|求解)?\s*(?:常)?微分方程\s*:?\s*{_A}(?:{_OF}(?:通解|解|特解))?", "solve {a}"),
    (rf"{_A}{_OF}通解", "solve {a}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:定义域)", "domain of {a}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:值域)", "range of {a}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:反函数)", "inverse function of {a}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:渐近线)", "asymptotes of {a}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:拐点)", "inflection points of {a}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:极值点?|极大值和极小值|极大极小值)", "local extrema of {a}"),
    (rf"{_FUNCTION}{_A}{_OF}(?:驻点|临界点)", "critical points of {a}"),
    (rf"{_FUNCTION}{_A}\s*在\s*(?:区间\s*)?[\[(]\s*{_B}\s*,\s*{_C}\s*[\])]\s*(?:上|内)?{_OF}最大值", "maximum of {a} on [{b}, {c}]"),
    (rf"{_FUNCTION}{_A}\s*在\s*(?:区间\s*)?[\[(]\s*{_B}\s*,\s*{_C}\s*[\])]\s*(?:上|内)?{_OF}最小值", "minimum of {a} on [{b}, {c}]"),
    (rf"{_FUNCTION}(?P<a>[^,]*[a-z][^,]*?){_OF}最大值", "maximum value of {a}"),
    (rf"{_FUNCTION}(?P<a>[^,]*[a-z][^,]*?){_OF}最小值", "minimum value of {a}"),
    (rf"{_FUNCTION}{_A}\s*在\s*(?:点\s*)?(?P<p>[a-z]\s*=\s*.+?)\s*(?:处|点)?{_OF}切线(?:方程)?", "tangent line to {a} at {p}"),
    (rf"(?:画出?|绘制|作出?|作图)\s*:?\s*{_FUNCTION}{_A}(?:{_OF}(?:图像|图象|图形|函数图像|图|曲线))?\s*,?\s*(?:从|在)\s*{_B}\s*(?:到|至)\s*{_C}\s*(?:上|之间|区间)?(?:{_OF}(?:图像|图象|图形|图|曲线))?", "plot {a} from {b} to {c}"),
    (rf"(?:画出?|绘制|作出?|作图)\s*:?\s*{_FUNCTION}{_A}(?:{_OF}(?:函数)?(?:图像|图象|图形|图|曲线))?", "plot {a}"),
    # equations and algebra
    (rf"(?:解|求解)?\s*(?:一元一次|一元二次|二元一次|三元一次|二元二次)?方程组?\s*:?\s*{_A}{_OF}(?:解|根|实根|实数解)", "solve {a}"),
    (rf"(?:(?:求解|解)\s*{_KIND}?(?:方程组|方程|不等式组|不等式)?|{_KIND}?(?:方程组|方程|不等式组|不等式))\s*:?\s*{_A}(?:{_OF}解集?)?", "solve {a}"),
    (rf"(?P<a>.+=.+){_OF}(?:所有)?(?:解|根|实根|实数解|复数根)", "solve {a}"),
    (rf"{_A}{_OF}(?:隐函数)?{_OF}(?:导数)?\s*dy/dx", "dy/dx if {a}"),
    (r"鸡兔同笼.*?头\D*?(?P<a>\d+)\D*?[脚腿足]\D*?(?P<b>\d+)\D*", "solve c + r = {a}, 2*c + 4*r = {b}"),
    (r"鸡兔同笼\D*(?P<a>\d+)\D*头\D*(?P<b>\d+)\D*[脚腿足]\D*", "solve c + r = {a}, 2*c + 4*r = {b}"),
    (rf"(?:log)?\s*以\s*{_A}\s*为底{_OF}{_B}{_OF}对数", "log base {a} of {b}"),
    (rf"{_A}\s*以\s*{_B}\s*为底{_OF}对数", "log base {b} of {a}"),
    (rf"(?:如果|若|当|设|已知)?\s*{_A}\s*,\s*(?:求|则|那么|问)\s*{_V}(?:{_OF}值)?", "solve {a} for {v}"),
    (rf"(?:化简|简化|约分)\s*:?\s*{_A}", "simplify {a}"),
    (rf"(?:把|将|对)?\s*{_A}\s*(?:进行)?(?:化简|简化|约分)", "simplify {a}"),
    (rf"(?:展开)\s*:?\s*{_A}", "expand {a}"),
    (rf"(?:把|将|对)?\s*{_A}\s*(?:进行)?展开", "expand {a}"),
    (rf"(?:因式分解|分解因式)\s*:?\s*{_A}", "factor {a}"),
    (rf"(?:把|将|对)?\s*{_A}{_OF}(?:进行)?(?:因式分解|分解因式)", "factor {a}"),
    (rf"(?:配方)\s*:?\s*{_A}", "complete the square {a}"),
    (rf"(?:把|将|对)?\s*{_A}{_OF}(?:进行)?配方", "complete the square {a}"),
    (rf"(?:把|将|对)?\s*{_A}{_OF}(?:分解为|化为|分解成)?部分分式(?:分解)?", "partial fractions of {a}"),
    (rf"{_A}\s*(?:的)?展开式中\s*{_B}{_OF}系数", "coefficient of {b} in {a}"),
    (rf"(?:当|若|如果|已知|设)\s*(?P<p>[a-z]\s*=\s*[^,]+?(?:\s*(?:,|和|且)\s*[a-z]\s*=\s*[^,]+?)*)\s*(?:时|,|则)\s*,?\s*(?:求|计算)?\s*(?:代数式\s*)?{_A}", "{a} at {p}"),
    # linear algebra
    *((rf"(?:矩阵\s*)?{_A}{_OF}(?:{word})", f"{form} of {{a}}") for word, form in (
        ("行列式", "determinant"), ("逆矩阵|逆", "inverse"), ("转置矩阵|转置", "transpose"), ("秩", "rank"), ("迹", "trace"),
        ("特征值", "eigenvalues"), ("特征向量", "eigenvectors"), ("特征多项式", "characteristic polynomial"),
    )),
    (rf"(?:向量\s*)?{_A}\s*(?:和|与)\s*(?:向量\s*)?{_B}{_OF}(?:点积|内积|数量积)", "dot product of {a} and {b}"),
    (rf"(?:向量\s*)?{_A}\s*(?:和|与)\s*(?:向量\s*)?{_B}{_OF}(?:叉积|外积|向量积)", "cross product of {a} and {b}"),
    # whole numbers
    (rf"{_A}\s*(?:是不是|是否是|是否为|是)\s*(?:一个)?(?:质数|素数)", "is {a} prime"),
    (rf"(?:判断|验证)\s*{_A}\s*(?:是否)?(?:是|为)(?:不是)?\s*(?:质数|素数)", "is {a} prime"),
    (rf"(?:将|把|对)?\s*{_A}{_OF}(?:进行)?(?:质因数分解|分解质因数|素因数分解|质因数|素因子)", "prime factorization of {a}"),
    (rf"(?:质因数分解|分解质因数)\s*:?\s*{_A}", "prime factorization of {a}"),
    (rf"{_A}{_OF}(?:所有)?(?:的)?(?:因数|约数|因子)", "divisors of {a}"),
    (rf"{_A}{_OF}(?:最大公约数|最大公因数|最大公因子)", "gcd of {a}"),
    (rf"{_A}{_OF}(?:最小公倍数)", "lcm of {a}"),
    (rf"(?:大于|比)\s*{_A}\s*(?:大)?的?(?:最小|下一个|第一个)(?:的)?(?:质数|素数)", "next prime after {a}"),
    (rf"{_A}\s*(?:之后|以后|后面)的?(?:下一个|第一个)(?:质数|素数)", "next prime after {a}"),
    (rf"第\s*{_A}\s*个(?:质数|素数)", "{a}th prime"),
    (rf"第\s*{_A}\s*个斐波那契数", "{a}th fibonacci number"),
    (rf"{_A}\s*除以\s*{_B}{_OF}(?:余数|余多少|余几)", "{a} mod {b}"),
    (rf"{_A}\s*(?:模|对)\s*{_B}\s*(?:取模|取余|的余数)?", "{a} mod {b}"),
    (rf"{_A}\s*模\s*{_B}{_OF}(?:逆元?|乘法逆元)", "inverse of {a} mod {b}"),
    (rf"{_A}{_OF}(?:阶乘)", "({a})!"),
    (rf"{_A}\s*能(?:不能|否)?被\s*{_B}\s*整除", "is {a} divisible by {b}"),
    (rf"{_A}{_OF}(?:各位)?数字(?:之)?和", "sum of digits of {a}"),
    (rf"(?:从)?\s*{_A}\s*(?:个|人|本|种)?(?:不同)?(?:的)?(?:球|元素|人|东西|物品|学生|书)?\s*(?:里|中|里面)?\s*(?:选出?|取出?|挑选?|抽取?)\s*{_B}\s*(?:个|人|本|种)?(?:球|元素|人|书)?{_OF}?(?:组合数|(?:有|共有)?(?:多少|几)种(?:选法|方法|取法|可能|组合)?|组合|选法)?", "{a} choose {b}"),
    (rf"组合数\s*C\s*\(\s*{_A}\s*,\s*{_B}\s*\)", "{a} choose {b}"),
    (rf"排列数\s*[AP]\s*\(\s*{_A}\s*,\s*{_B}\s*\)", "({a})!/(({a}) - ({b}))!"),
    (rf"{_A}\s*(?:个|人)(?:不同)?(?:的)?(?:球|元素|人|书|学生)?{_OF}?全排列(?:数)?", "({a})!"),
    (rf"{_A}\s*(?:和|与|跟)\s*{_B}\s*(?:哪个|谁)(?:更|比较)?大", "which is bigger, {a} or {b}"),
    (rf"{_A}\s*(?:和|与|跟)\s*{_B}\s*(?:哪个|谁)(?:更|比较)?小", "which is smaller, {a} or {b}"),
    (rf"比较\s*{_A}\s*(?:和|与|跟)\s*{_B}\s*(?:的大小)?", "which is bigger, {a} or {b}"),
    # statistics
    *((rf"(?:数据|数列|数组|一组数据|样本|这组数|数)?\s*{_A}\s*(?:这[一几\d]?[个组]?数(?:据)?)?{_OF}(?:{word})", f"{form} of {{a}}") for word, form in (
        ("算术平均数|平均数|平均值|均值|平均", "mean"), ("中位数|中值", "median"), ("众数", "mode"), ("总体方差", "population variance"),
        ("样本方差|方差", "variance"), ("总体标准差", "population standard deviation"), ("样本标准差|标准差|标准偏差", "standard deviation"), ("最大值|最大数|最大的数", "max"),
        ("最小值|最小数|最小的数", "min"), ("总和|之和|和", "sum"), ("乘积|之积|积", "product"), ("几何平均数", "geometric mean"),
    )),
    # percentages and money
    (rf"{_A}\s*(?:是|占)\s*{_B}\s*的?\s*(?:百分之几|百分之多少|多少百分比|百分比)", "what percent of {b} is {a}"),
    (rf"{_A}\s*(?:增加|提高|上涨|涨|增长)(?:了)?\s*(?P<p>[\d./]+\s*%)(?:后)?", "increase {a} by {p}"),
    (rf"{_A}\s*(?:减少|降低|下降|下调|跌)(?:了)?\s*(?P<p>[\d./]+\s*%)(?:后)?", "decrease {a} by {p}"),
    (rf"从\s*{_A}\s*(?:增加|增长|上涨|涨|减少|下降|变|降)?到\s*{_B}\s*(?:增长率|增加了百分之几|增长了百分之几|变化率|的?百分比变化|的?变化率|的?增长率|增长了多少|变化了百分之几|下降了百分之几|减少了百分之几)", "percent change from {a} to {b}"),
    (rf"(?:本金)?\s*{_A}\s*元?\s*,?\s*年利率{_IS}(?P<p>[\d.]+\s*%)\s*,?\s*(?:存|期限)?\s*{_B}\s*年\s*,?\s*(?:的)?单利(?:利息)?", "simple interest on {a} at {p} for {b} years"),
    (rf"(?:本金)?\s*{_A}\s*元?\s*,?\s*年利率{_IS}(?P<p>[\d.]+\s*%)\s*,?\s*(?:存|期限)?\s*{_B}\s*年\s*,?\s*(?:按|的)?(?:每年)?复利(?:计算)?(?:后)?(?:的?本息和?|的?终值|共有)?", "{a} dollars at {p} for {b} years compounded annually"),
    # rounding, numerals of another base
    (rf"{_A}\s*,?\s*(?:精确到|保留|四舍五入到|取)\s*(?:小数点?后)?\s*(?P<n>\d+|[一二两三四五六七八九十]+)\s*位(?:小数)?", "{a} to {n} decimal places"),
    (rf"{_A}\s*,?\s*(?:保留|取)\s*(?P<n>\d+|[一二两三四五六七八九十]+)\s*位有效数字", "{a} to {n} significant figures"),
    (rf"(?:将|把)?\s*(?:十进制(?:数)?)?\s*{_A}\s*(?:转换?|换算?|化|变|写)(?:为|成|到)\s*(?P<n>二|八|十六)进制(?:数)?", "{a} in {n}"),
    (rf"(?:将|把)?\s*(?P<m>二|八|十六)进制(?:数)?\s*{_A}\s*(?:转换?|换算?|化|变|写)?(?:为|成|到)?\s*(?P<n>十|二|八|十六)进制(?:数)?", "convert {a} from {m} to {n}"),
    # units
    (rf"(?:将|把)?\s*(?P<q>-?[\d.,/ e^*]+?\s*{_UNIT}(?:\s*\d+\s*{_UNIT})?)\s*(?:是|等于|换算成|换算为|换成|转换成|转换为|转成|化成|化为|合|有|=)\s*(?:多少|几)?(?:个)?\s*(?P<u>{_UNIT})", "{q} in {u}"),
    (rf"(?P<q>摄氏|华氏)\s*{_A}\s*度\s*(?:是|等于|换算成|转换为|转换成|合)\s*(?P<u>摄氏|华氏)(?:度)?(?:多少度|多少)?", "{a} {q} in {u}"),
    # dates
    (r"(?P<d>{date})\s*(?:到|至|和|与)\s*(?P<e>{date})\s*(?:之间)?(?:有|相差|隔|共|一共)*\s*(?:多少|几)?天?(?:数)?", "days between {d} and {e}"),
    (r"(?P<d>{date})\s*(?:是|为)?\s*(?:星期几|周几|礼拜几)", "what day of the week was {d}"),
    (rf"(?P<d>{{date}})\s*(?:之?后|过|加)\s*{_A}\s*天(?:是)?(?:哪一?天|几号|什么日期)?", "what date is {a} days after {d}"),
    (rf"(?P<d>{{date}})\s*{_A}\s*天(?:之后|以后|后)(?:是)?(?:哪一?天|几号|什么日期)?", "what date is {a} days after {d}"),
    (r"今天\s*(?:是)?\s*(?:星期几|周几|礼拜几)", "what day of the week is today"),
    (r"今天\s*(?:是)?\s*(?:几月几[日号]|几号|什么日子|日期)", "what is the date today"),
    (r"(?:距离?|离)?\s*(?P<d>{date})\s*还有\s*(?:多少|几)天", "days until {d}"),
    (r"(?P<a>\d{3,4})\s*年(?:是不是|是否是|是)?\s*闰年", "is {a} a leap year"),
    # geometry
    *((rf"{shape}{_OF}(?:{word})", f"{form} of {english}") for shape, english, asked in (
        (rf"半径{_IS}{_A}\s*的?圆形?", "a circle with radius {a}", {"面积": "area", "周长": "circumference"}),
        (rf"圆的?半径{_IS}{_A}\s*,?\s*(?:求|则)?(?:圆的|它的|其)?", "a circle with radius {a}", {"面积": "area", "周长": "circumference"}),
        (rf"直径{_IS}{_A}\s*的?圆形?", "a circle with diameter {a}", {"面积": "area", "周长": "circumference"}),
        (rf"半径{_IS}{_A}\s*的?球体?", "a sphere of radius {a}", {"体积": "volume", "表面积": "surface area"}),
        (rf"边长{_IS}{_A}\s*的?正方形", "a square with side {a}", {"面积": "area", "周长": "perimeter", "对角线(?:长)?": "diagonal"}),
        (rf"(?:棱长|边长){_IS}{_A}\s*的?(?:正方体|立方体)", "a cube with side {a}", {"体积": "volume", "表面积": "surface area"}),
        (rf"长{_IS}{_A}\s*[,和]?\s*宽{_IS}{_B}\s*的?(?:长方形|矩形)", "a rectangle with length {a} and width {b}", {"面积": "area", "周长": "perimeter", "对角线(?:长)?": "diagonal"}),
        (rf"底边?{_IS}{_A}\s*[,和]?\s*高{_IS}{_B}\s*的?三角形", "a triangle with base {a} and height {b}", {"面积": "area"}),
        (rf"(?:三边(?:长)?(?:分别)?{_IS}{_A}\s*[,]\s*{_B}\s*[,和]\s*{_C})\s*的?三角形", "a triangle with sides {a}, {b} and {c}", {"面积": "area", "周长": "perimeter"}),
        (rf"三角形(?:的)?三边(?:长)?(?:分别)?{_IS}{_A}\s*[,]\s*{_B}\s*[,和]\s*{_C}\s*,\s*(?:求)?(?:其|它的)?", "a triangle with sides {a}, {b} and {c}", {"面积": "area", "周长": "perimeter"}),
        (rf"(?:底面)?半径{_IS}{_A}\s*[,和]?\s*高{_IS}{_B}\s*的?圆柱体?", "a cylinder with radius {a} and height {b}", {"体积": "volume", "表面积": "surface area"}),
        (rf"(?:底面)?半径{_IS}{_A}\s*[,和]?\s*高{_IS}{_B}\s*的?圆锥体?", "a cone with radius {a} and height {b}", {"体积": "volume", "表面积": "surface area"}),
    ) for word, form in asked.items()),
    (rf"直角三角形(?:的)?(?:两条?)?直角边(?:长)?(?:分别)?{_IS}{_A}\s*[,和]\s*{_B}\s*[,.]?\s*(?:求|则)?\s*斜边(?:长)?", "hypotenuse of a right triangle with legs {a} and {b}"),
    (rf"(?:两条?)?直角边(?:长)?(?:分别)?{_IS}{_A}\s*[,和]\s*{_B}\s*的?直角三角形{_OF}斜边(?:长)?", "hypotenuse of a right triangle with legs {a} and {b}"),
    (rf"(?:点)?\s*(?P<p>\([^()]+\))\s*(?:和|与|到)\s*(?:点)?\s*(?P<q>\([^()]+\))\s*(?:之间)?{_OF}(?:距离)", "distance between {p} and {q}"),
    (r"(?:点)?\s*(?P<p>\([^()]+\))\s*(?:和|与)\s*(?:点)?\s*(?P<q>\([^()]+\))\s*(?:的)?中点", "midpoint of {p} and {q}"),
    (rf"(?:过|经过)点?\s*(?P<p>\([^()]+\))\s*(?:和|与)\s*(?:点)?\s*(?P<q>\([^()]+\))\s*(?:两点)?{_OF}直线(?:方程)?", "equation of the line through {p} and {q}"),
    # complex numbers
    (rf"(?:复数\s*)?{_A}{_OF}(?:模|模长)", "modulus of {a}"),
    (rf"(?:复数\s*)?{_A}{_OF}(?:共轭复数|共轭)", "conjugate of {a}"),
    (rf"(?:复数\s*)?{_A}{_OF}(?:辐角|幅角)(?:主值)?", "argument of {a}"),
    # probability
    (rf"(?:抛|掷|投)(?:掷)?\s*{_A}\s*(?:次|枚)(?:均匀)?(?:的)?硬币\s*,?\s*(?:恰好?|正好|刚好)(?:有)?\s*{_B}\s*(?:次|枚|个)?正面(?:朝上)?{_OF}?概率", "probability of exactly {b} heads in {a} coin tosses"),
    (rf"(?:抛|掷|投)(?:掷)?\s*{_A}\s*(?:次|枚)(?:均匀)?(?:的)?硬币\s*,?\s*(?:至少)(?:有)?\s*{_B}\s*(?:次|枚|个)?正面(?:朝上)?{_OF}?概率", "probability of at least {b} heads in {a} coin tosses"),
    (rf"(?:掷|投|抛)(?:掷)?\s*(?:两|2)\s*(?:个|颗|枚)骰子\s*,?\s*(?:点数)?(?:之)?和(?:为|是|等于)\s*{_A}{_OF}?概率", "probability of rolling a sum of {a} with two dice"),
]  # fmt: skip
_DATE = r"\d{3,4}\s*年\s*\d{1,2}\s*月\s*\d{1,2}\s*[日号]?|\d{4}-\d{1,2}-\d{1,2}"
_DATE_PARTS = re.compile(r"(\d{3,4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?")

# Inside formulas, in order; each turns a word into a sign.
_SIGNS: list[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern), sign)
    for pattern, sign in (
        (r"负无穷大?", " -infinity "), (r"正?无穷大?|∞", " infinity "), (r"圆周率|派", " pi "), (r"自然常数", " e "),
        (r"的\s*(?:算术)?平方根|的\s*二次方根|开平方|开根号", " SQRT "), (r"的\s*立方根|开立方", " CBRT "), (r"的\s*倒数", "^(-1)"), (r"的\s*相反数", " NEG "), (r"的\s*绝对值", " ABS "),
        (r"的?\s*平方(?![根米千厘公])", "^2 "), (r"的?\s*立方(?![根米厘体])", "^3 "), (r"的\s*([\w.]+|\([^()]*\))\s*次(?:方|幂)", r"^(\1) "),
        (r"根号(?:下)?\s*(\([^()]*\)|\w+)", r" sqrt(\1) "),
        (r"大于等于|大于或等于|不小于|\u2267", " >= "), (r"小于等于|小于或等于|不大于|\u2266", " <= "), (r"不等于", " != "), (r"大于", " > "), (r"小于", " < "),
        (r"加上|加", " + "), (r"减去|减", " - "), (r"乘以|乘上|乘", " * "), (r"除以", " / "), (r"等于|是", " = "),
        (r"(?<=[\d%])\s*倍的?", " * "), (r"的\s*(?=[\d.]+\s*%)", " * "), (r"(?<=\d)\s*的\s*(?=\d)", " * "),
        (r"正弦", " sin "), (r"余弦", " cos "), (r"正切", " tan "), (r"自然对数", " ln "),
        (r"和|与|且|以及|并且", " , "), (r"角度|度(?!\w)", " degrees "), (r"个|元|的|从", " "),
    )
]  # fmt: skip
_POSTFIX = {"SQRT": "sqrt", "CBRT": "cbrt", "ABS": "abs", "NEG": "-"}
_POSTFIXED = re.compile(r"([\w.]+|\([^()]*\))\s*(SQRT|CBRT|ABS|NEG)")


def is_chinese(text: str) -> bool:
    """Whether there are Chinese characters in it."""
    return _HAN.search(text) is not None


@cache
def _compiled() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(pattern.replace("{date}", _DATE)), form) for pattern, form in _FORMS]


def from_chinese(text: str) -> str:
    """The same request in English words and signs; a text without Chinese characters is returned as it is.

    Raises:
        ToolError: if a Chinese part of it cannot be read.
    """
    if not is_chinese(text):
        return text
    bare = re.sub(r"\s+", " ", text.translate(_WIDE)).strip()
    bare = _FRACTION.sub(lambda found: f"({_value(found[2])}/{_value(found[1])})", _PERCENT.sub(lambda found: f"{_value(found[1])}%", bare))  # fmt: skip
    bare = re.sub(r"(?<=[\u3400-\u9fff])!+$", "", bare)
    bare = re.sub(r"(?<=\d)\s*(?:美元|人民币|块钱|块)", "", bare)
    candidates = _candidates(bare)
    for candidate in candidates:
        for pattern, form in _compiled():
            found = pattern.fullmatch(candidate)
            if found and not is_chinese(filled := _filled(form, found)):
                return filled
    for candidate in candidates:
        if not is_chinese(formula := _formula(candidate)):
            return formula
    rest = re.findall(r"[\u3400-\u9fff]+", _formula(candidates[-1] if candidates else bare))
    raise ToolError(
        f"cannot read {' '.join(rest)[:60]!r}; write for example 求 x^2 的导数, x^2 从 0 到 1 的定积分, 解方程 x^2 = 4,"
        " 因式分解 x^2 - 4"
    )


def _candidates(text: str) -> list[str]:
    """The request as it is, then without `请`, `求`, `是多少` and the like at its ends."""
    found = [text.rstrip(" ,.?")]
    while (shorter := _NOISE.sub("", text, count=1)) != text:
        text = shorter
        found.append(text.rstrip(" ,.?"))
    for candidate in list(found):
        shorter = _TAIL.sub("", candidate, count=1)
        if shorter not in found:
            found.append(shorter)
    return [candidate for candidate in found if candidate]


def _filled(form: str, found: re.Match[str]) -> str:
    def slot(name: re.Match[str]) -> str:
        value = found.groupdict().get(name[1]) or ""
        if name[1] in ("n", "m"):
            return (
                _BASES.get(value, "")
                if "进制" in found.re.pattern
                else _ordinal(value)
                if "derivative" in form
                else str(_value(value))
            )
        if name[1] in ("d", "e"):
            return _DATE_PARTS.sub(lambda parts: f"{parts[1]}-{int(parts[2]):02}-{int(parts[3]):02}", value)
        if name[1] in ("q", "u") and is_chinese(value):
            return _units(value)
        return _formula(value)

    return re.sub(r"\{(\w)\}", slot, form).strip()


def _ordinal(value: str) -> str:
    return _NTH.get(value, "") if value else ""


def _units(text: str) -> str:
    text = (
        text.replace("摄氏", "celsius")
        if text == "摄氏"
        else text.replace("华氏", "fahrenheit")
        if text == "华氏"
        else text
    )
    return re.sub(_UNIT, lambda found: f" {_UNITS[found[0]]} ", text).strip()


def _formula(text: str) -> str:
    """A formula with its words turned into signs."""
    text = re.sub(rf"(?<=\d)\s*({_UNIT})", lambda found: f" {_UNITS[found[1]]}", text) if re.search(rf"\d\s*{_UNIT}", text) and "角" not in text else text  # fmt: skip
    text = _NUMBER.sub(lambda found: str(_value(found[1])), text)
    for pattern, sign in _SIGNS:
        text = pattern.sub(sign, text)
    text = _POSTFIXED.sub(lambda found: f"{_POSTFIX[found[2]]}({found[1]})", text)
    return re.sub(r"\s+", " ", text).strip(" ,.?:")


def _value(numeral: str) -> int | str:
    """The value of a numeral such as 一千零二十四 or 三点五; digits are returned as they are."""
    if not is_chinese(numeral):
        return numeral
    whole, point, decimals = numeral.partition("点")
    if point:
        return f"{_value(whole)}." + "".join(str(_DIGITS.get(digit, 0)) for digit in decimals)
    if len(whole) > 1 and not set(whole) & {*_TENS, "万", "亿"}:
        return "".join(str(_DIGITS[digit]) for digit in whole)
    total = section = digit = 0
    for sign in whole:
        if sign in _DIGITS:
            digit = _DIGITS[sign]
        elif sign in _TENS:
            section, digit = section + (digit or 1) * _TENS[sign], 0
        else:
            section, digit = section + digit, 0
            total = (total + section) * 10**8 if sign == "亿" else total + section * 10**4
            section = 0
    return total + section + digit
