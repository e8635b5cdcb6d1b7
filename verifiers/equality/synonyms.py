"""Words that mean the same, in English and Chinese; only where that is certain in every problem.

One line is one meaning, lower case, without article; a line that begins with a bar goes on. A maths reader can add one.
"""

from __future__ import annotations

_LINES = r"""
yes|true|correct|√|✓|\surd|\checkmark|是|是的|对|对的|正确|成立|真
no|false|incorrect|wrong|\times|×|✗|否|不是|不对|错|错误|错的|不正确|不成立|假
no solution|no solutions|none|no real solution|no real solutions|no real root|no real roots|no roots|empty set
|空集|无解|没有解|无实数解|无实根|无实数根|没有实数根|没有实数解|方程无解|此方程无解|原方程无解|不等式无解
|\emptyset
does not exist|doesn't exist|do not exist|dne|undefined|not defined|不存在|无意义|没有意义|无定义|未定义
infinity|positive infinity|infinite|\infty|+\infty|无穷大|无穷|正无穷|正无穷大|无限大
negative infinity|minus infinity|-\infty|负无穷大|负无穷
infinitely many|infinitely many solutions|infinite solutions|infinite number of solutions|无穷多|无数|无数个
|无数解|无数个解|无数多个|无穷多解|无穷多个|无穷多个解|有无数个解|有无穷多解
unique solution|one solution|exactly one solution|唯一解|有唯一解|只有一个解
odd|odd function|odd number|单数|奇数|奇函数|奇
even|even function|even number|双数|偶数|偶函数|偶
neither|neither odd nor even|neither even nor odd|非奇非偶|非奇非偶函数|既不是奇函数也不是偶函数
increasing|increases|increasing function|monotonically increasing|递增|单调递增|单调增|增函数|单调增加|上升
decreasing|decreases|decreasing function|monotonically decreasing|递减|单调递减|单调减|减函数|单调减少|下降
strictly increasing|严格递增|严格单调递增
strictly decreasing|严格递减|严格单调递减
greater|greater than|larger|larger than|bigger|more than|大于|>
less|less than|smaller|smaller than|fewer than|小于|<
equal|equal to|equals|相等|等于|一样大|=
greater than or equal to|at least|no less than|大于等于|大于或等于|不小于|\ge
less than or equal to|at most|no more than|no greater than|小于等于|小于或等于|不大于|\le
not equal|not equal to|unequal|不等于|不相等|\ne
positive|positive number|正数|正
negative|negative number|负数|负
rational|rational number|有理数
irrational|irrational number|无理数
prime|prime number|质数|素数
composite|composite number|合数
integer|整数
natural number|自然数
convergent|converges|converge|convergence|收敛|收敛的
divergent|diverges|diverge|divergence|发散|发散的
absolutely convergent|converges absolutely|absolute convergence|绝对收敛
conditionally convergent|converges conditionally|conditional convergence|条件收敛
continuous|连续|连续的
discontinuous|not continuous|不连续|间断
differentiable|可导
not differentiable|non differentiable|不可导
linearly independent|线性无关
linearly dependent|线性相关
parallel|平行|互相平行
perpendicular|垂直|互相垂直|相互垂直
intersect|intersecting|相交
tangent|相切
skew|skew lines|异面|异面直线
coincident|coincide|重合
externally tangent|外切
internally tangent|内切
disjoint|相离
concentric|同心圆
inscribed|内接
similar|相似
congruent|全等
clockwise|顺时针|顺时针方向
counterclockwise|anticlockwise|counter clockwise|anti clockwise|逆时针|逆时针方向
north|due north|北|正北|正北方|北方
south|due south|南|正南|正南方|南方
east|due east|东|正东|正东方|东方
west|due west|西|正西|正西方|西方
northeast|north east|东北|东北方
northwest|north west|西北|西北方
southeast|south east|东南|东南方
southwest|south west|西南|西南方
left|左|左边|左侧
right|右|右边|右侧
acute|acute angle|锐角
obtuse|obtuse angle|钝角
right angle|直角
straight angle|平角
acute triangle|acute angled triangle|锐角三角形
right triangle|right angled triangle|直角三角形
obtuse triangle|obtuse angled triangle|钝角三角形
isosceles|isosceles triangle|等腰三角形|等腰
equilateral|equilateral triangle|等边三角形|正三角形
isosceles right triangle|right isosceles triangle|等腰直角三角形
scalene|scalene triangle|不等边三角形
circle|圆|圆形
ellipse|椭圆
hyperbola|双曲线
parabola|抛物线
line|straight line|直线|一条直线
ray|射线
line segment|segment|线段
triangle|三角形
quadrilateral|四边形
rhombus|菱形
rectangle|矩形|长方形
square|正方形
parallelogram|平行四边形
trapezoid|trapezium|梯形
pentagon|五边形
hexagon|六边形
cube|正方体|立方体
cuboid|rectangular prism|长方体
cylinder|圆柱|圆柱体
cone|圆锥|圆锥体
sphere|球|球体|球面
arithmetic|arithmetic sequence|arithmetic progression|等差|等差数列
geometric|geometric sequence|geometric progression|等比|等比数列
fibonacci|fibonacci sequence|斐波那契数列
first quadrant|quadrant i|quadrant 1|i quadrant|第一象限|第i象限
second quadrant|quadrant ii|quadrant 2|ii quadrant|第二象限|第ii象限
third quadrant|quadrant iii|quadrant 3|iii quadrant|第三象限|第iii象限
fourth quadrant|quadrant iv|quadrant 4|iv quadrant|第四象限|第iv象限
certain event|必然事件
impossible event|不可能事件
random event|随机事件
impossible|不可能
win|赢|胜
lose|输
draw|tie|平局
\mathbb{z}|\mathbb z|integers|all integers|the integers|set of integers|the set of integers|整数集|全体整数|所有整数
\mathbb{q}|\mathbb q|rationals|all rational numbers|the rational numbers|有理数集|全体有理数
\mathbb{n}^*|\mathbb{n}_+|\mathbb{n}^+|\mathbb{z}_+|\mathbb{z}^+|\mathbb{z}_{+}|\mathbb{n}_{+}
|positive integers|all positive integers|正整数集|全体正整数
\mathbb{n}|\mathbb n|natural numbers|all natural numbers|the natural numbers|自然数集|全体自然数
fair|公平
unfair|not fair|不公平
red|红|红色
orange|橙色
yellow|黄|黄色
green|绿|绿色
blue|蓝|蓝色
purple|紫色
white|白|白色
black|黑|黑色
spring|春天|春季|春
summer|夏天|夏季|夏
autumn|fall|秋天|秋季|秋
winter|冬天|冬季|冬
monday|mon|星期一|周一|礼拜一
tuesday|tue|tues|星期二|周二|礼拜二
wednesday|wed|星期三|周三|礼拜三
thursday|thu|thur|thurs|星期四|周四|礼拜四
friday|fri|星期五|周五|礼拜五
saturday|sat|星期六|周六|礼拜六
sunday|星期日|星期天|周日|周天|礼拜天|礼拜日
january|jan|一月|1月|一月份|1月份
february|feb|二月|2月|二月份|2月份
march|mar|三月|3月|三月份|3月份
april|apr|四月|4月|四月份|4月份
may|五月|5月|五月份|5月份
june|jun|六月|6月|六月份|6月份
july|jul|七月|7月|七月份|7月份
august|aug|八月|8月|八月份|8月份
september|sep|sept|九月|9月|九月份|9月份
october|oct|十月|10月|十月份|10月份
november|nov|十一月|11月|十一月份|11月份
december|dec|十二月|12月|十二月份|12月份
sufficient but not necessary|sufficient but unnecessary|sufficient and unnecessary|sufficient and not necessary
|sufficient not necessary|充分不必要|充分而不必要|充分但不必要|充分非必要
necessary but not sufficient|necessary but insufficient|necessary and insufficient|necessary and not sufficient
|necessary not sufficient|必要不充分|必要而不充分|必要但不充分|必要非充分
necessary and sufficient|sufficient and necessary|if and only if|iff|充要|充分必要|充分且必要
neither sufficient nor necessary|neither necessary nor sufficient|既不充分也不必要|既不充分又不必要
|既非充分也非必要|既非充分又非必要|非充分非必要|不充分不必要|既不必要也不充分
"""
MEANING = {
    word: number
    for number, line in enumerate(_LINES.strip().replace("\n|", "|").split("\n"))
    for word in line.split("|")
}
"""Word or phrase → the number of its meaning."""
